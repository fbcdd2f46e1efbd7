/* What pages do beyond links and forms. Every act works without this file; it adds focus, speech,
   kept drafts and words for failures. One listener an event, on the document, so that parts which
   arrive later need no wiring. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);

  // Private windows and full disks refuse storage; nothing here may depend on it.
  const stored = (area, key) => {
    try {
      return JSON.parse(window[area].getItem(key));
    } catch {
      return null;
    }
  };
  const store = (area, key, value) => {
    try {
      if (value === null) window[area].removeItem(key);
      else window[area].setItem(key, JSON.stringify(value));
    } catch {
      // Without storage the page works, it only forgets.
    }
  };

  /* -- Speech and focus ---------------------------------------------------------------------- */

  let speaking;
  const announce = (words) => {
    const live = byId("live");
    if (!live || !words) return;
    live.textContent = "";
    clearTimeout(speaking);
    // The same words twice are read twice only if the region was empty in between.
    speaking = setTimeout(() => {
      live.textContent = words;
    }, 80);
  };

  const openAncestors = (element) => {
    let details = element.closest("details");
    while (details) {
      details.open = true;
      details = details.parentElement.closest("details");
    }
  };

  const focus = (element) => {
    if (!element) return;
    openAncestors(element);
    element.focus();
    // A text that is opened to be changed goes on at its end.
    if (element.matches("textarea")) element.setSelectionRange(-1, -1);
    if (document.activeElement !== element) {
      element.tabIndex = -1;
      element.focus();
    }
  };

  document.addEventListener("bb:announce", (event) => announce(event.detail.msg));
  document.addEventListener("bb:focus", (event) => focus(byId(event.detail.value)));

  /* -- Failures ------------------------------------------------------------------------------ */

  const failureWords = (xhr) => {
    const wait = xhr.getResponseHeader("Retry-After");
    if (xhr.status === 429) {
      return wait ? `Too many tries. Wait ${wait} seconds.` : "Too many tries. Wait a little.";
    }
    if (xhr.status < 500) return `This did not work (error ${xhr.status}). Nothing was lost.`;
    const reference = xhr.getResponseHeader("X-Request-ID");
    return `Our fault, not yours.${reference ? ` Reference ${reference}.` : ""}`;
  };

  const toast = (words, request) => {
    const template = byId("toast-template");
    const place = byId("toasts");
    if (!template || !place) return;
    const shown = template.content.firstElementChild.cloneNode(true);
    place.replaceChildren(shown); // A second failure replaces the first: they do not pile up.
    shown.querySelector("[data-toast-text]").textContent = words;
    const from = document.activeElement;
    const close = () => {
      shown.remove();
      if (document.activeElement === document.body && from?.isConnected) from.focus();
    };
    shown.querySelector("[data-dismiss]").addEventListener("click", close);
    shown.querySelector("[data-retry]").addEventListener("click", () => {
      const { elt, triggeringEvent } = request ?? {};
      const again = elt?.isConnected ? elt : byId(elt?.id);
      close();
      if (again) window.htmx.trigger(again, triggeringEvent?.type ?? "click");
    });
  };

  // A page of a proxy must never land inside ours: errors are swapped only if we made them.
  const isForeignError = (xhr) => xhr.status >= 400 && xhr.getResponseHeader("BB-Fragment") !== "1";

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isForeignError(event.detail.xhr)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (isForeignError(detail.xhr)) toast(failureWords(detail.xhr), detail.requestConfig);
  });

  document.addEventListener("htmx:timeout", ({ detail }) => {
    toast("The server took too long.", detail.requestConfig);
  });

  document.addEventListener("htmx:sendError", ({ detail }) => {
    toast("No connection. Nothing was lost.", detail.requestConfig);
  });

  /* -- While a request runs ------------------------------------------------------------------ */

  const slow = new WeakMap();

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { target, requestConfig } = event.detail;
    const { elt } = requestConfig;
    if (elt.getAttribute("aria-expanded") === "true") {
      event.preventDefault(); // A second press on Reply closes what the first one opened.
      emptySlot(byId(elt.getAttribute("aria-controls")));
      return;
    }
    target?.setAttribute("aria-busy", "true");
    slow.set(
      elt,
      setTimeout(() => {
        elt.classList.add("is-slow");
        announce("Still working…");
      }, 5000),
    );
  });

  // detail.elt is the body here when the answer has replaced the element that asked.
  document.addEventListener("htmx:afterRequest", ({ detail: { target, requestConfig } }) => {
    const { elt } = requestConfig;
    target?.removeAttribute("aria-busy");
    clearTimeout(slow.get(elt));
    elt.classList.remove("is-slow");
  });

  /* -- Slots: forms that open below a comment ------------------------------------------------ */

  const kept = new Map(); // control id -> the text that its form replaced

  const markControls = () => {
    for (const control of document.querySelectorAll("[aria-expanded][aria-controls]")) {
      const slot = byId(control.getAttribute("aria-controls"));
      const open = Boolean(slot?.childElementCount) && slot.dataset.opener === control.id;
      control.setAttribute("aria-expanded", String(open));
    }
  };

  const emptySlot = (slot) => {
    slot?.replaceChildren();
    markControls();
  };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, requestConfig } = detail;
    if (!detail.shouldSwap || requestConfig.verb !== "get") return;
    if (target.matches(".form-slot")) target.dataset.opener = requestConfig.elt.id;
    else if (target.matches(".comment-body")) kept.set(requestConfig.elt.id, target);
  });

  const cancel = (link) => {
    const control = byId(link.dataset.cancel);
    if (!control) return false; // A page of its own: the link leads back.
    const form = link.closest("form");
    const slot = link.closest(".form-slot");
    const original = kept.get(control.id);
    if (slot) emptySlot(slot);
    else if (form && original) (form.closest(".comment-edit") ?? form).replaceWith(original);
    else return false;
    kept.delete(control.id);
    focus(control);
    return true;
  };

  /* -- Drafts: typed text is never lost ------------------------------------------------------

     They are kept here, whatever the connection does; write.js shows them again. */

  const draftKey = (form) => `bb:draft:${form.dataset.draft}`;
  const otherKey = (form) => `bb:other:${form.dataset.draft}`;
  // Of the same box, before somebody signed in.
  const strangerKey = (form) => draftKey(form).replace(/:u-\d+-/, ":u-0-");
  const TAB = `${Date.now()}-${Math.random()}`;
  const seen = new Set(); // drafts of other windows, which this one has shown
  const draftBox = (form) => form.querySelector("textarea");
  const isRefused = (box) => box.getAttribute("aria-invalid") === "true";
  const saving = new Map();

  const saveDraft = (form) => {
    const box = draftBox(form);
    clearTimeout(saving.get(draftKey(form)));
    saving.delete(draftKey(form));
    const changed = box.value !== box.defaultValue || isRefused(box);
    const worthKeeping = changed && box.value.trim();
    const draft = worthKeeping ? { text: box.value, at: Date.now(), tab: TAB } : null;
    const other = stored("localStorage", draftKey(form));
    // Another window types in the same box: its words are kept beside these.
    if (other && other.tab !== TAB && !seen.has(other.text) && other.text !== box.value) {
      store("localStorage", otherKey(form), other);
    }
    store("localStorage", draftKey(form), draft);
  };

  const forgetDraft = (key) => {
    clearTimeout(saving.get(key));
    saving.delete(key);
    store("localStorage", key, null);
  };

  const drafts = { draftKey, otherKey, strangerKey, stored, store, saveDraft, forgetDraft, seen };

  // What helps to write is fetched for a box that holds or held words, or that somebody enters.
  const help = (form, how) =>
    import(form.dataset.write).then((module) => module[how](form, drafts)).catch(() => {});

  const resumeDrafts = (root) => {
    for (const form of root.querySelectorAll("form[data-draft]:not([data-ready])")) {
      form.dataset.ready = "yes";
      const keys = [draftKey(form), otherKey(form), strangerKey(form)];
      const held = keys.some((key) => stored("localStorage", key));
      if (held || draftBox(form).value) help(form, "resume");
    }
  };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const form = detail.requestConfig.elt;
    const posted = form.matches("form[data-draft]") && detail.xhr.status < 400;
    if (posted) forgetDraft(draftKey(form)); // Before the swap, or the next box would restore it.
  });

  window.addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (saving.has(draftKey(form))) saveDraft(form);
    }
  });

  /* -- Times --------------------------------------------------------------------------------- */

  // The words of the server, so that nothing changes on the page but the number.
  const UNITS = [
    ["y", 31_536_000],
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
  ];

  const ago = (moment) => {
    const seconds = Math.floor((Date.now() - moment) / 1000);
    const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? [];
    return unit ? `${Math.floor(seconds / size)} ${unit} ago` : "just now";
  };

  const refreshTimes = () => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const moment = Date.parse(time.dateTime);
      const words = Number.isNaN(moment) ? time.textContent : ago(moment);
      if (time.textContent !== words) time.textContent = words;
    }
  };

  setInterval(refreshTimes, 60_000);
  document.addEventListener("visibilitychange", refreshTimes);

  /* -- Threads: closed ones stay closed, linked ones open ------------------------------------ */

  const CLOSED = "bb:closed";
  const commentId = (details) => details.closest(".comment")?.id;

  const restoreClosed = (root) => {
    const closed = stored("sessionStorage", CLOSED) ?? [];
    if (!closed.length) return;
    for (const details of root.querySelectorAll("details.comment-content[open]")) {
      const keepOpen = details.closest(".is-target") || details.querySelector(".is-target");
      if (!keepOpen && closed.includes(commentId(details))) details.open = false;
    }
  };

  // The event does not bubble, so it is caught on its way down.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      const id = target.matches?.("details.comment-content") && commentId(target);
      if (!id) return;
      const others = (stored("sessionStorage", CLOSED) ?? []).filter((other) => other !== id);
      store("sessionStorage", CLOSED, target.open ? others : [...others, id].slice(-500));
    },
    true,
  );

  const hashName = () => {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return ""; // Such as "#100%": an address that names nothing of ours.
    }
  };

  const goToHash = () => {
    const target = location.hash.length > 1 && byId(hashName());
    if (!target) return;
    openAncestors(target);
    if (!target.matches(".comment")) return;
    target.scrollIntoView();
    byId(`${target.id}-heading`)?.focus({ preventScroll: true });
  };

  window.addEventListener("hashchange", goToHash);

  /* -- Clicks, keys, typing ------------------------------------------------------------------ */

  const copy = async (link) => {
    try {
      await navigator.clipboard.writeText(link.href);
      announce("Link copied");
    } catch {
      location.assign(link.href);
    }
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      const opens = event.target.closest("[hx-get]"); // A form, that the menu would cover.
      if (!menu.contains(event.target) || opens) menu.open = false;
    }
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    const control = event.target.closest(
      "[data-cancel], [data-copy], [data-open], [data-focus], .read-more",
    );
    if (!control || !plain) return;
    if (control.matches("[data-cancel]")) {
      if (cancel(control)) event.preventDefault();
    } else if (control.matches("[data-copy]")) {
      event.preventDefault();
      copy(control);
    } else if (control.matches("[data-focus]")) {
      event.preventDefault();
      focus(byId(control.dataset.focus));
    } else if (control.matches(".read-more")) {
      event.preventDefault();
      const body = byId(control.hash.slice(1));
      body.classList.remove("is-long");
      body.focus({ preventScroll: true });
      control.remove();
    } else {
      byId(control.dataset.open)?.showModal?.();
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("focusin", ({ target }) => {
    const form = target.closest?.("form[data-write]");
    if (form && target === draftBox(form)) help(form, "enter");
  });

  document.addEventListener("input", ({ target }) => {
    const form = target.closest?.("form[data-draft]");
    if (!form || target !== draftBox(form)) return;
    clearTimeout(saving.get(draftKey(form)));
    saving.set(
      draftKey(form),
      setTimeout(() => saveDraft(form), 400),
    );
  });

  /* -- A double click sends once ------------------------------------------------------------- */

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // What is discarded on the server is forgotten here too, or the next person would read it.
    for (const key of form.dataset.forget?.trim().split(" ") ?? []) forgetDraft(`bb:draft:${key}`);
    // What htmx sends it has already taken over, and hx-sync drops the second press.
    if (event.defaultPrevented || !form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (form.matches("[data-draft]")) saveDraft(form);
    event.submitter?.setAttribute("aria-disabled", "true");
  });

  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once][data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("button[aria-disabled]")?.removeAttribute("aria-disabled");
    }
  });

  /* -- Start, and again for every part that arrives ------------------------------------------ */

  const enliven = (root) => {
    resumeDrafts(root);
    restoreClosed(root);
    refreshTimes();
  };

  document.addEventListener("htmx:afterSettle", () => {
    enliven(document);
    markControls();
  });

  /* "Back" leads to the list that the reader came from; without JavaScript it leads to the front. */
  const backToList = () => {
    const back = document.querySelector('.command-line .back-link[href="/"]');
    const from = document.referrer ? new URL(document.referrer) : null;
    const lists = /^\/($|organisations|topics|categories|search)/;
    if (back && from?.origin === location.origin && lists.test(from.pathname)) {
      back.href = from.pathname + from.search;
    }
  };

  backToList();
  for (const key of document.body.dataset.posted?.split(" ") ?? []) forgetDraft(`bb:draft:${key}`);
  enliven(document);
  // The browser goes to the fragment by itself, and drops the focus while it does.
  window.addEventListener("load", () => {
    goToHash();
    // A browser that goes to the place itself after this takes the focus away again.
    requestAnimationFrame(() => setTimeout(() => {
      if (document.activeElement === document.body) goToHash();
    }));
  });
  document.querySelector(".error-summary[tabindex]")?.focus();
})();
