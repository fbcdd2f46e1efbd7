/* Keys of the moderation panel, the card that follows a decision, and the drawer of a narrow
   window. Every key presses a control that can be seen and clicked. */
(() => {
  "use strict";

  const isCard = (node) => node.matches?.("article.moderation-card");
  const cards = () => [...document.querySelectorAll("article.moderation-card")];
  const current = () => document.querySelector('article.moderation-card[aria-current="true"]');
  const pane = () => document.getElementById("pane");

  const makeCurrent = (card) => {
    for (const other of cards()) {
      if (other !== card) other.removeAttribute("aria-current");
    }
    card.setAttribute("aria-current", "true");
  };

  const goTo = (card) => {
    if (!card) return;
    makeCurrent(card);
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = cards();
    const at = all.indexOf(current());
    // The first press shows where one is; it skips nothing.
    const here = all[at]?.contains(document.activeElement) ?? false;
    goTo(all[here ? at + by : Math.max(at, 0)]);
  };

  const press = (control) => {
    control?.click();
    return Boolean(control);
  };

  const pressKey = (key) => press(current()?.querySelector(`[data-key="${key}"]`));

  const chooseReason = (digit) => {
    const radios = (current() ?? document).querySelectorAll(".reasons input[type=radio]");
    const radio = radios[digit - 1];
    if (!radio) return false;
    radio.checked = true;
    radio.focus();
    return true;
  };

  /* -- Drawer -------------------------------------------------------------------------------- */

  let opener = null;

  const closePane = () => {
    if (!pane()?.classList.contains("is-open")) return false;
    pane().classList.remove("is-open");
    opener?.focus();
    return true;
  };

  const openPane = (from) => {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button small drawer-close";
    close.textContent = "Close";
    close.addEventListener("click", closePane);
    pane().prepend(close);
    pane().classList.add("is-open");
    opener = from;
  };

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === pane() && detail.successful) openPane(detail.requestConfig.elt);
  });

  const closeSlot = () => press(current()?.querySelector(".form-slot [data-cancel]"));

  /* -- Keys ---------------------------------------------------------------------------------- */

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    a: () => pressKey("a"),
    r: () => pressKey("r"),
    c: () => pressKey("c"),
    i: () => pressKey("i"),
    z: () => press(document.querySelector('[data-key="z"]')),
    "?": () => document.getElementById("mod-keys")?.showModal(),
    Escape: () => closeSlot() || closePane(),
  };

  const isTyping = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=radio], [type=checkbox])");

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing) return;
    if (event.repeat && !"jk".includes(key)) return; // Holding a key decides nothing twice.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    // Escape leaves a field as well: what was typed there is a note of a form that closes.
    if (isTyping(target) && key !== "Escape") return;
    const act = /^[1-8]$/.test(key) ? () => chooseReason(Number(key)) : KEYS[key];
    if (act && act() !== false) event.preventDefault();
  });

  document.addEventListener("focusin", ({ target }) => {
    const card = target.closest?.("article.moderation-card");
    if (card && card !== current()) makeCurrent(card);
  });

  /* -- After a decision ---------------------------------------------------------------------- */

  const sibling = (node, direction) => {
    let found = node;
    while (found && !(isCard(found) && found.isConnected)) found = found[direction];
    return found;
  };

  const list = document.getElementById("cards");
  const clear = document.getElementById("queue-clear");

  // Watching the list, not the requests: a card may go by a decision here or by an answer that
  // says that somebody else was faster.
  const follow = (records) => {
    const left = cards();
    if (clear) clear.hidden = left.length > 0;
    for (const record of records) {
      const gone = [...record.removedNodes].find(isCard);
      if (!gone) continue;
      const next =
        document.getElementById(gone.id) ??
        sibling(record.nextSibling, "nextElementSibling") ??
        sibling(record.previousSibling, "previousElementSibling") ??
        left[0];
      if (next) goTo(next);
      else document.getElementById("queue-heading")?.focus();
    }
  };

  if (list) new MutationObserver(follow).observe(list, { childList: true });
})();
