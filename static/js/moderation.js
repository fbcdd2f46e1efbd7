/* Keys of the moderation panel, the card that follows a decision, and the drawer of a narrow
   window. Every key presses a control that can be seen and clicked. */
(() => {
  "use strict";

  const isCard = (node) => node.matches?.("article.moderation-card");
  const listCards = () => [...document.querySelectorAll("article.moderation-card")];
  const findCurrentCard = () =>
    document.querySelector('article.moderation-card[aria-current="true"]');
  const findPane = () => document.getElementById("pane");

  const makeCurrent = (card) => {
    for (const other of listCards()) {
      if (other !== card) other.removeAttribute("aria-current");
    }
    card.setAttribute("aria-current", "true");
  };

  const focusCard = (card) => {
    if (!card) return;
    makeCurrent(card);
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  };

  const moveBy = (distance) => {
    const cards = listCards();
    const index = cards.indexOf(findCurrentCard());
    // The first press focuses the current card; only the next one moves on.
    const isFocused = cards[index]?.contains(document.activeElement) ?? false;
    focusCard(cards[isFocused ? index + distance : Math.max(index, 0)]);
  };

  const click = (control) => {
    control?.click();
    return Boolean(control);
  };

  const pressKey = (key) => click(findCurrentCard()?.querySelector(`[data-key="${key}"]`));

  const chooseReason = (digit) => {
    const radios = (findCurrentCard() ?? document).querySelectorAll(".reasons input[type=radio]");
    const radio = radios[digit - 1];
    if (!radio) return false;
    radio.checked = true;
    radio.focus();
    return true;
  };

  /* -- Drawer -------------------------------------------------------------------------------- */

  let opener = null;

  const closePane = () => {
    if (!findPane()?.classList.contains("is-open")) return false;
    findPane().classList.remove("is-open");
    opener?.focus();
    return true;
  };

  const openPane = (control) => {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button small drawer-close";
    close.textContent = "Close";
    close.addEventListener("click", closePane);
    findPane().prepend(close);
    findPane().classList.add("is-open");
    opener = control;
  };

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === findPane() && detail.successful) openPane(detail.requestConfig.elt);
  });

  const closeSlot = () => click(findCurrentCard()?.querySelector(".form-slot [data-cancel]"));

  /* -- Keys ---------------------------------------------------------------------------------- */

  const KEYS = {
    j: () => moveBy(1),
    k: () => moveBy(-1),
    a: () => pressKey("a"),
    r: () => pressKey("r"),
    c: () => pressKey("c"),
    i: () => pressKey("i"),
    z: () => click(document.querySelector('[data-key="z"]')),
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
    if (card && card !== findCurrentCard()) makeCurrent(card);
  });

  /* -- After a decision ---------------------------------------------------------------------- */

  const findConnectedSibling = (node, direction) => {
    let candidate = node;
    while (candidate && !(isCard(candidate) && candidate.isConnected)) {
      candidate = candidate[direction];
    }
    return candidate;
  };

  const cardList = document.getElementById("cards");
  const emptyMessage = document.getElementById("queue-clear");

  // This watches the list and not the requests: a card goes after a decision made here, and also
  // after an answer which says that somebody else decided first.
  const focusNextCard = (records) => {
    const remaining = listCards();
    if (emptyMessage) emptyMessage.hidden = remaining.length > 0;
    for (const record of records) {
      const removed = [...record.removedNodes].find(isCard);
      if (!removed) continue;
      const next =
        document.getElementById(removed.id) ??
        findConnectedSibling(record.nextSibling, "nextElementSibling") ??
        findConnectedSibling(record.previousSibling, "previousElementSibling") ??
        remaining[0];
      if (next) focusCard(next);
      else document.getElementById("queue-heading")?.focus();
    }
  };

  if (cardList) new MutationObserver(focusNextCard).observe(cardList, { childList: true });
})();
