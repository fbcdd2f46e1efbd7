/* Reading a discussion: keys, the poll for what is new, quotes for a reply. Nothing here is needed
   to read or to write; it is loaded by pages with a discussion. */
(() => {
  "use strict";

  const { arrived, keys } = document.currentScript.dataset; // addresses of files that can wait
  const byId = (id) => document.getElementById(id);

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

  // These lead to a field or a dialog, and must have done so before the next letter.
  const AT_ONCE = {
    c: () => byId("compose-body")?.focus(),
    "/": () => byId("q")?.focus(),
    "?": () => byId("keys")?.showModal(),
  };
  const GO = ["j", "k", "J", "K", "n", "N", "p", "x", "r"];
  let go = null; // from keys.js, once the first of these has fetched it

  const isTyping = (element) =>
    element.isContentEditable || element.matches?.("input, textarea, select");

  const walk = async (key) => {
    if (go) return go(key);
    const module = await import(keys);
    go = module.go;
    return isTyping(document.activeElement) || go(key);
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || areOff()) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (event.repeat && !"jkJK".includes(key)) return;
    if (document.querySelector("dialog[open]")) return;
    if (!Object.hasOwn(AT_ONCE, key) && !GO.includes(key)) return;
    event.preventDefault();
    if (GO.includes(key)) walk(key).catch(() => {});
    else AT_ONCE[key]();
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
  const ANYBODY = { credentials: "omit" }; // The answer is the same for all, and kept as such.
  let wait = QUICK;
  let timer = 0;
  let touched = Date.now();
  let heard = 0; // the last number that was told

  const state = () => byId("live-state");

  const poll = async () => {
    const place = state();
    if (!place || document.hidden) return;
    try {
      const answer = await fetch(`${place.dataset.poll}?since=${place.dataset.seq}`, ANYBODY);
      if (answer.status === 200) {
        const { publish_seq: seq, new: list } = await answer.json();
        if (seq > heard) wait = QUICK;
        heard = seq;
        const { hear } = await import(arrived); // Most visits are over before there is news.
        hear(seq, list);
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
    const { value } = form.elements.namedItem("publish_seq");
    if (form.dataset.marked === value) return;
    form.dataset.marked = value;
    const sent = { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" };
    fetch(form.action, sent).catch(() => {});
  };

  window.addEventListener("pagehide", markSeen);

  document.addEventListener("htmx:afterSettle", () => {
    watchThread();
    const number = /[\d,]+/.exec(byId("comment-count")?.textContent ?? "")?.[0];
    for (const all of document.querySelectorAll(".comment-total")) {
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
    if (!quote || !detail.target.matches?.(".form-slot")) return;
    const box = detail.target.querySelector("textarea");
    if (!box) return;
    const quoted = quote.replace(/\n{2,}/g, "\n\n").replace(/^/gm, "> ");
    box.value = `${box.value ? `${box.value}\n\n` : ""}${quoted}\n\n`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.setSelectionRange(box.value.length, box.value.length);
    quote = "";
  });

  const showKeys = () => byId("keys-open")?.removeAttribute("hidden");
  showKeys();
  document.addEventListener("htmx:afterSettle", showKeys);
})();
