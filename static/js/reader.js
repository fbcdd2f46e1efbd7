/* Reading a discussion: keys, what is new without anything moving, quotes for a reply. Nothing
   here is needed to read or to write; it is loaded by pages with a discussion. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const say = (msg) =>
    document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));
  const goTo = (value) => document.dispatchEvent(new CustomEvent("bb:focus", { detail: { value } }));
  const many = (number, one, several) => `${number} ${number === 1 ? one : several}`;

  /* -- Keys ---------------------------------------------------------------------------------- */

  const OFF = "bb:keys-off";
  const stored = () => {
    try {
      return localStorage.getItem(OFF);
    } catch {
      return null; // Storage that is refused forgets the switch, and nothing else.
    }
  };
  const areOff = () => document.body.dataset.keys === "off" || stored() !== null;

  const comments = () =>
    [...document.querySelectorAll("#thread .c")].filter((item) =>
      byId(`${item.id}-h`)?.checkVisibility(),
    );
  const current = () => document.activeElement?.closest?.("#thread .c");

  // From the top of the window where no comment has the focus yet.
  const step = (list, by) => {
    const here = current();
    const at = here ? list.findIndex((item) => item === here || item.contains(here)) : -1;
    if (at >= 0) return list[at + by];
    const below = (item) => item.getBoundingClientRect().bottom > 0;
    const after = (item) => here.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = list.findIndex(here ? after : below);
    if (by > 0) return list[next];
    return list[(next < 0 ? list.length : next) - 1];
  };

  const move = (selector, by) => {
    const target = step(comments().filter((item) => item.matches(selector)), by);
    if (!target) return false;
    const heading = byId(`${target.id}-h`);
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "nearest" });
    return true;
  };

  const exact = (by) => {
    const list = comments();
    const at = list.indexOf(current());
    if (at < 0) return move(".c", by > 0 ? 1 : -1);
    const target = list[at + by];
    target && goTo(`${target.id}-h`);
    return Boolean(target);
  };

  const press = (control) => {
    control?.click();
    return Boolean(control);
  };

  const KEYS = {
    j: () => exact(1),
    k: () => exact(-1),
    J: () => move("#thread > .c", 1),
    K: () => move("#thread > .c", -1),
    n: () => nextNew(1),
    N: () => nextNew(-1),
    p: () => {
      const parent = current()?.parentElement.closest(".c");
      parent && goTo(`${parent.id}-h`);
      return Boolean(parent);
    },
    x: () => {
      const details = current()?.querySelector("details.c-rest");
      if (!details) return false;
      const { id } = current();
      details.open = !details.open;
      byId(`${id}-h`).focus();
      say(details.open ? "Opened" : "Closed");
      return true;
    },
    r: () => press(current() && byId(`${current().id}-reply`)),
    c: () => {
      const box = byId("compose-body");
      box?.focus();
      return Boolean(box);
    },
    "/": () => {
      byId("q")?.focus();
      return true;
    },
    "?": () => {
      byId("keys")?.showModal();
      return true;
    },
  };

  const nextNew = (by) => {
    const list = comments();
    const at = list.indexOf(current());
    const rest = by > 0 ? list.slice(at + 1) : list.slice(0, Math.max(at, 0)).reverse();
    const target = rest.find((item) => item.matches(".is-new"));
    if (!target) {
      say(by > 0 ? "No more new comments" : "No new comments before this one");
      return true;
    }
    goTo(`${target.id}-h`);
    return true;
  };

  const isTyping = (element) =>
    element.isContentEditable || element.matches?.("input, textarea, select");

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || areOff()) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (event.repeat && !"jkJK".includes(key)) return;
    if (document.querySelector("dialog[open]") || !Object.hasOwn(KEYS, key)) return;
    if (KEYS[key]()) event.preventDefault();
  });

  const opener = byId("keys-switch");
  if (opener) {
    opener.checked = !areOff();
    opener.disabled = document.body.dataset.keys === "off";
    opener.addEventListener("change", () => {
      try {
        if (opener.checked) localStorage.removeItem(OFF);
        else localStorage.setItem(OFF, "1");
      } catch {
        opener.checked = true;
      }
    });
  }

  /* -- What is new: told, never inserted by itself ------------------------------------------- */

  const QUICK = 20_000;
  const SLOW = 180_000;
  const IDLE = 1_800_000;
  let wait = QUICK;
  let timer = 0;
  let touched = Date.now();
  let told = 0;
  let heard = { serial: 0, list: [] };
  const gone = new Set(); // told, and removed before anybody asked for them

  const state = () => byId("live-state");
  const missing = () => heard.list.filter(([id]) => !byId(`c-${id}`) && !gone.has(id));
  // A list in another order, or of some comments only, has no place for what is new.
  const grows = () => "grows" in (state()?.dataset ?? {});
  const kids = (parent) => byId(`c-${parent}-kids`);

  const byParent = (list) => {
    const groups = new Map();
    for (const [id, parent] of list) {
      if (parent && kids(parent)) groups.set(parent, [...(groups.get(parent) ?? []), id]);
    }
    return groups;
  };

  const drawBar = () => {
    const bar = byId("newbar");
    const list = missing();
    if (!bar) return;
    const placed = list.filter(([, parent]) => grows() && (!parent || kids(parent)));
    bar.dataset.elsewhere = placed.length ? "" : "yes";
    bar.hidden = list.length === 0;
    bar.textContent = `${many(list.length, "new comment", "new comments")} — show`;
    if (list.length > told) say(many(list.length, "new comment", "new comments"));
    told = list.length;
    const groups = grows() ? byParent(list) : new Map();
    for (const old of document.querySelectorAll(".new-replies")) {
      if (!groups.has(Number(old.dataset.parent))) old.remove();
    }
    for (const [parent, ids] of groups) {
      let button = byId(`c-${parent}-new`);
      if (!button) {
        button = document.createElement("button");
        Object.assign(button, { type: "button", id: `c-${parent}-new` });
        button.className = "more new-replies";
        button.dataset.parent = parent;
        kids(parent).after(button);
      }
      button.textContent = `${many(ids.length, "new reply", "new replies")} — show`;
    }
  };

  const bring = (url, target, swap) =>
    window.htmx.ajax("GET", url, { target, swap, source: target });

  // What was asked for and did not come has been removed in the meantime.
  const settle = (ids) => {
    const come = ids.filter((id) => byId(`c-${id}`));
    for (const id of ids) if (!come.includes(id)) gone.add(id);
    return come;
  };

  const bringReplies = async (parent) => {
    const ids = (byParent(missing()).get(parent) ?? []).slice(0, 20);
    if (!ids.length) return [];
    await bring(`/c/${parent}/replies?ids=${ids.join()}`, kids(parent), "beforeend");
    return settle(ids);
  };

  const bringThreads = async () => {
    const threads = missing().filter(([, parent]) => !parent);
    const ids = threads.slice(-20).map(([id]) => id);
    if (!ids.length) return [];
    await bring(`${state().dataset.more}?ids=${ids.join()}`, byId("thread"), "afterbegin");
    return settle(ids);
  };

  const tell = (come) => {
    drawBar();
    markHeard();
    say(come.length ? many(come.length, "new comment", "new comments") : "It was removed");
    if (come.length) goTo(`c-${Math.min(...come)}-h`);
  };

  const bringAll = async () => {
    const before = missing().map(([id]) => id);
    await bringThreads();
    for (const parent of byParent(missing()).keys()) await bringReplies(parent);
    tell(before.filter((id) => byId(`c-${id}`)));
  };

  // What was shown counts as read when the page is left.
  const markHeard = () => {
    const field = byId("seen")?.elements.namedItem("serial");
    if (field && missing().length === 0) field.value = Math.max(field.value, heard.serial);
  };

  const poll = async () => {
    const place = state();
    if (!place || document.hidden) return;
    try {
      const answer = await fetch(`${place.dataset.poll}?since=${place.dataset.serial}`);
      if (answer.status === 200) {
        const { serial, new: list } = await answer.json();
        const grew = serial > heard.serial;
        heard = { serial, list };
        if (grew) wait = QUICK;
        drawBar();
      }
    } catch {
      // No connection: the next turn asks again.
    }
  };

  const turn = () => {
    clearTimeout(timer);
    if (!state() || document.hidden || Date.now() - touched > IDLE) return;
    timer = setTimeout(turn, wait);
    wait = Math.min(wait * 1.5, SLOW);
    poll();
  };

  const awake = () => {
    const slept = Date.now() - touched > IDLE;
    touched = Date.now();
    if (slept) turn();
  };

  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, awake, { passive: true });
  }

  timer = setTimeout(turn, QUICK);

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      markSeen();
      return;
    }
    touched = Date.now();
    wait = QUICK;
    turn();
  });

  // Comments are read when they were in the window, not when their story was.
  const watch = new IntersectionObserver((entries) => {
    const form = byId("seen");
    if (form && entries.some((entry) => entry.isIntersecting)) form.dataset.looked = "";
  });

  const watchThread = () => {
    const thread = byId("thread");
    if (thread) watch.observe(thread);
  };

  // Only for who has a place to keep it: members, and visitors who asked for it; and only where
  // the whole discussion stands.
  const markSeen = () => {
    const form = byId("seen");
    if (!form || !("auto" in form.dataset) || !("looked" in form.dataset)) return;
    const { value } = form.elements.namedItem("serial");
    if (form.dataset.marked === value) return;
    form.dataset.marked = value;
    const sent = { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" };
    fetch(form.action, sent).catch(() => {});
  };

  window.addEventListener("pagehide", markSeen);

  document.addEventListener("click", ({ target }) => {
    const bar = target.closest("#newbar");
    const replies = target.closest(".new-replies");
    if (bar?.dataset.elsewhere) location.assign(state().dataset.new);
    else if (bar) bringAll();
    else if (replies) bringReplies(Number(replies.dataset.parent)).then(tell);
  });

  // What comes by "Show more" may be here already, brought by what was new: it stands once.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap || !detail.target.id.endsWith("-more")) return;
    for (const [, id] of detail.serverResponse.matchAll(/<li class="c[^"]*" id="(c-\d+)"/g)) {
      byId(id)?.remove();
    }
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (heard.list.length) drawBar();
    watchThread();
    const number = /[\d,]+/.exec(byId("cx-n")?.textContent ?? "")?.[0];
    for (const all of document.querySelectorAll(".all-n")) {
      if (number) all.textContent = `${number} ${number === "1" ? "comment" : "comments"}`;
    }
  });

  watchThread();

  /* -- A selection becomes a quote in the reply ---------------------------------------------- */

  let quote = "";

  const selectedIn = (body) => {
    const chosen = getSelection();
    if (!chosen || chosen.isCollapsed || !body?.contains(chosen.anchorNode)) return "";
    return body.contains(chosen.focusNode) ? chosen.toString().trim() : "";
  };

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const found = /^c-(\d+)-reply$/.exec(detail.requestConfig.elt.id);
    if (found) quote = selectedIn(byId(`c-${found[1]}-body`));
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const box = quote && detail.target.matches?.(".c-slot") && detail.target.querySelector("textarea");
    if (!box) return;
    const quoted = quote.replace(/\n{2,}/g, "\n\n").replace(/^/gm, "> ");
    box.value = `${box.value ? `${box.value}\n\n` : ""}${quoted}\n\n`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.setSelectionRange(box.value.length, box.value.length);
    quote = "";
  });

  const keysButton = byId("keys-open");
  if (keysButton) keysButton.hidden = false;
  document.addEventListener("htmx:afterSettle", () => {
    const again = byId("keys-open");
    if (again) again.hidden = false;
  });
})();
