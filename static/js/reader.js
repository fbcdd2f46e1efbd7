/* Reading a discussion: keys, the poll for what is new, quotes for a reply. Nothing here is needed
   to read or to write. */
(() => {
  "use strict";

  const { dataset } = document.currentScript; // addresses of files that can wait
  const byId = (id) => document.getElementById(id);

  /* -- Keys ---------------------------------------------------------------------------------- */

  const SWITCH_KEY = "bb:keys-off";
  const readSwitch = () => {
    try {
      return localStorage.getItem(SWITCH_KEY);
    } catch {
      return null; // Storage that is refused forgets the switch, and nothing else.
    }
  };
  const areKeysOff = () => document.body.dataset.keys === "off" || readSwitch() !== null;

  // These lead to a field or a dialog, and must have done so before the next letter.
  const IMMEDIATE_KEYS = {
    c: () => byId("compose-body")?.focus(),
    "/": () => byId("q")?.focus(),
    "?": () => byId("keys")?.showModal(),
  };
  const WALKING_KEYS = ["j", "k", "J", "K", "n", "N", "p", "x", "r"];
  let pressKey = null; // from keys.js, once the first of these has fetched it

  const isTyping = (element) =>
    element.isContentEditable || element.matches?.("input, textarea, select");

  const walkByKey = async (key) => {
    if (pressKey) return pressKey(key);
    const module = await import(dataset.keys);
    pressKey = module.pressKey;
    return isTyping(document.activeElement) || pressKey(key);
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || areKeysOff()) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (event.repeat && !"jkJK".includes(key)) return;
    if (document.querySelector("dialog[open]")) return;
    if (!Object.hasOwn(IMMEDIATE_KEYS, key) && !WALKING_KEYS.includes(key)) return;
    event.preventDefault();
    if (WALKING_KEYS.includes(key)) walkByKey(key).catch(() => {});
    else IMMEDIATE_KEYS[key]();
  });

  const keysSwitch = byId("keys-switch");
  if (keysSwitch) {
    keysSwitch.checked = !areKeysOff();
    keysSwitch.disabled = document.body.dataset.keys === "off";
    keysSwitch.addEventListener("change", () => {
      try {
        if (keysSwitch.checked) localStorage.removeItem(SWITCH_KEY);
        else localStorage.setItem(SWITCH_KEY, "1");
      } catch {
        keysSwitch.checked = true;
      }
    });
  }

  /* -- New comments: announced, never inserted by themselves --------------------------------- */

  const FIRST_WAIT = 20_000;
  const LONGEST_WAIT = 180_000;
  const IDLE_AFTER = 1_800_000;
  let wait = FIRST_WAIT;
  let timer = 0;
  let activeAt = Date.now();
  let lastSeq = 0; // the highest that a poll has answered

  const findState = () => byId("live-state");

  const poll = async () => {
    const place = findState();
    if (!place || document.hidden) return;
    try {
      // Without cookies: the answer is the same for all, and cached as such.
      const url = `${place.dataset.poll}?since=${place.dataset.seq}`;
      const answer = await fetch(url, { credentials: "omit" });
      if (answer.status === 200) {
        const { publish_seq: seq, new: list } = await answer.json();
        if (seq > lastSeq) wait = FIRST_WAIT;
        lastSeq = seq;
        // Most visits end before there is one.
        const { receive } = await import(dataset.newComments);
        receive(seq, list);
      }
    } catch {
      // No connection: the next turn asks again.
    }
  };

  const schedule = () => {
    clearTimeout(timer);
    if (!findState() || document.hidden || Date.now() - activeAt > IDLE_AFTER) return;
    timer = setTimeout(schedule, wait);
    wait = Math.min(wait * 1.5, LONGEST_WAIT);
    poll();
  };

  const onActivity = () => {
    const wasIdle = Date.now() - activeAt > IDLE_AFTER;
    activeAt = Date.now();
    if (wasIdle) schedule();
  };

  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, onActivity, { passive: true });
  }

  timer = setTimeout(schedule, FIRST_WAIT);

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      sendReadMark();
      return;
    }
    activeAt = Date.now();
    wait = FIRST_WAIT;
    schedule();
  });

  // Comments are read when they were in the window, not when the article was.
  const observer = new IntersectionObserver((entries) => {
    const form = byId("seen");
    if (form && entries.some((entry) => entry.isIntersecting)) form.dataset.looked = "";
  });

  const observeThread = () => {
    const thread = byId("thread");
    if (thread) observer.observe(thread);
  };

  // For who asked for it, where the whole discussion stands.
  const sendReadMark = () => {
    const form = byId("seen");
    if (!form || !("auto" in form.dataset) || !("looked" in form.dataset)) return;
    const { value } = form.elements.namedItem("publish_seq");
    if (form.dataset.marked === value) return;
    form.dataset.marked = value;
    const body = new FormData(form);
    const options = { method: "POST", body, keepalive: true, redirect: "manual" };
    fetch(form.action, options).catch(() => {});
  };

  window.addEventListener("pagehide", sendReadMark);

  document.addEventListener("htmx:afterSettle", () => {
    observeThread();
    const number = /[\d,]+/.exec(byId("comment-count")?.textContent ?? "")?.[0];
    for (const element of document.querySelectorAll(".comment-total")) {
      if (number) element.textContent = `${number} ${number === "1" ? "comment" : "comments"}`;
    }
  });

  observeThread();

  /* -- A selection becomes a quote in the reply ---------------------------------------------- */

  let quote = "";

  const readSelectionIn = (body) => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !body?.contains(selection.anchorNode)) return "";
    return body.contains(selection.focusNode) ? selection.toString().trim() : "";
  };

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const reply = /^c-(\d+)-reply$/.exec(detail.requestConfig.elt.id);
    if (reply) quote = readSelectionIn(byId(`c-${reply[1]}-body`));
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!quote || !detail.target.matches?.(".form-slot")) return;
    const box = detail.target.querySelector("textarea");
    if (!box) return;
    const lines = quote.replace(/\n{2,}/g, "\n\n").replace(/^/gm, "> ");
    box.value = `${box.value ? `${box.value}\n\n` : ""}${lines}\n\n`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.setSelectionRange(box.value.length, box.value.length);
    quote = "";
  });

  const showKeysButton = () => byId("keys-open")?.removeAttribute("hidden");
  showKeysButton();
  document.addEventListener("htmx:afterSettle", showKeysButton);
})();
