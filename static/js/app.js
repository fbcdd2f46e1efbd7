/* What pages do beyond links and forms. Every act works without this file. Each event
   has one listener, on the document, so that parts which are swapped in later need none. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);

  // Private windows and full disks refuse storage; nothing here may depend on it.
  const readStorage = (area, key) => {
    try {
      return JSON.parse(window[area].getItem(key));
    } catch {
      return null;
    }
  };
  const writeStorage = (area, key, value) => {
    try {
      if (value === null) window[area].removeItem(key);
      else window[area].setItem(key, JSON.stringify(value));
    } catch {
      // Without storage the page works, it only forgets.
    }
  };

  /* -- Speech and focus ---------------------------------------------------------------------- */

  let speechTimer;
  const announce = (words) => {
    const live = byId("live");
    if (!live || !words) return;
    live.textContent = "";
    clearTimeout(speechTimer);
    // The same words twice are read twice only if the region was empty in between.
    speechTimer = setTimeout(() => {
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

  const moveFocus = (element) => {
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
  document.addEventListener("bb:focus", (event) => moveFocus(byId(event.detail.value)));

  /* -- Failures ------------------------------------------------------------------------------ */

  const describe = (xhr) => {
    const wait = xhr.getResponseHeader("Retry-After");
    if (xhr.status === 429) {
      return wait ? `Too many tries. Wait ${wait} seconds.` : "Too many tries. Wait a little.";
    }
    if (xhr.status < 500) return `This did not work (error ${xhr.status}). Nothing was lost.`;
    const reference = xhr.getResponseHeader("X-Request-ID");
    return `Our fault, not yours.${reference ? ` Reference ${reference}.` : ""}`;
  };

  const showToast = (words, request) => {
    const template = byId("toast-template");
    const region = byId("toasts");
    if (!template || !region) return;
    const message = template.content.firstElementChild.cloneNode(true);
    region.replaceChildren(message); // in place of an older one
    message.querySelector("[data-toast-text]").textContent = words;
    const previous = document.activeElement;
    const close = () => {
      message.remove();
      if (document.activeElement === document.body && previous?.isConnected) previous.focus();
    };
    message.querySelector("[data-dismiss]").addEventListener("click", close);
    message.querySelector("[data-retry]").addEventListener("click", () => {
      const { elt, triggeringEvent } = request ?? {};
      const asker = elt?.isConnected ? elt : byId(elt?.id);
      close();
      if (asker) window.htmx.trigger(asker, triggeringEvent?.type ?? "click");
    });
  };

  // A page of a proxy must never land inside ours: errors are swapped only if we made them.
  const isForeignError = (xhr) => xhr.status >= 400 && xhr.getResponseHeader("BB-Fragment") !== "1";

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isForeignError(event.detail.xhr)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (isForeignError(detail.xhr)) showToast(describe(detail.xhr), detail.requestConfig);
  });

  document.addEventListener("htmx:timeout", ({ detail }) => {
    showToast("The server took too long.", detail.requestConfig);
  });

  document.addEventListener("htmx:sendError", ({ detail }) => {
    showToast("No connection. Nothing was lost.", detail.requestConfig);
  });

  /* -- While a request runs ------------------------------------------------------------------ */

  const slowTimers = new WeakMap();

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { target, requestConfig } = event.detail;
    const { elt } = requestConfig;
    if (elt.getAttribute("aria-expanded") === "true") {
      event.preventDefault(); // A second press on Reply closes what the first one opened.
      emptySlot(byId(elt.getAttribute("aria-controls")));
      return;
    }
    target?.setAttribute("aria-busy", "true");
    slowTimers.set(
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
    clearTimeout(slowTimers.get(elt));
    elt.classList.remove("is-slow");
  });

  /* -- Slots: forms that open below a comment ------------------------------------------------ */

  const replaced = new Map(); // control id -> the text that its form replaced

  const markExpanded = () => {
    for (const control of document.querySelectorAll("[aria-expanded][aria-controls]")) {
      const slot = byId(control.getAttribute("aria-controls"));
      const open = Boolean(slot?.childElementCount) && slot.dataset.opener === control.id;
      control.setAttribute("aria-expanded", String(open));
    }
  };

  const emptySlot = (slot) => {
    slot?.replaceChildren();
    markExpanded();
  };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, requestConfig } = detail;
    if (!detail.shouldSwap || requestConfig.verb !== "get") return;
    if (target.matches(".form-slot")) target.dataset.opener = requestConfig.elt.id;
    else if (target.matches(".comment-body")) replaced.set(requestConfig.elt.id, target);
  });

  const cancelForm = (link) => {
    const control = byId(link.dataset.cancel);
    if (!control) return false; // A page of its own: the link leads back.
    const form = link.closest("form");
    const slot = link.closest(".form-slot");
    const original = replaced.get(control.id);
    if (slot) emptySlot(slot);
    else if (form && original) (form.closest(".comment-edit") ?? form).replaceWith(original);
    else return false;
    replaced.delete(control.id);
    moveFocus(control);
    return true;
  };

  /* -- Drafts: typed text is never lost ------------------------------------------------------

     They are saved here, whatever the connection does; write.js shows them again. */

  const getDraftKey = (form) => `bb:draft:${form.dataset.draft}`;
  const getOtherKey = (form) => `bb:other:${form.dataset.draft}`;
  // Of the same box, before somebody signed in.
  const getVisitorKey = (form) => getDraftKey(form).replace(/:u-\d+-/, ":u-0-");
  const TAB = `${Date.now()}-${Math.random()}`;
  const shown = new Set(); // drafts of other windows, which this one has shown
  const findBox = (form) => form.querySelector("textarea");
  const wasRefused = (box) => box.getAttribute("aria-invalid") === "true";
  const saving = new Map();

  const saveDraft = (form) => {
    const box = findBox(form);
    clearTimeout(saving.get(getDraftKey(form)));
    saving.delete(getDraftKey(form));
    const changed = box.value !== box.defaultValue || wasRefused(box);
    const worthKeeping = changed && box.value.trim();
    const draft = worthKeeping ? { text: box.value, at: Date.now(), tab: TAB } : null;
    const other = readStorage("localStorage", getDraftKey(form));
    // Another window types in the same box: its words are kept beside these.
    if (other && other.tab !== TAB && !shown.has(other.text) && other.text !== box.value) {
      writeStorage("localStorage", getOtherKey(form), other);
    }
    writeStorage("localStorage", getDraftKey(form), draft);
  };

  const forgetDraft = (key) => {
    clearTimeout(saving.get(key));
    saving.delete(key);
    writeStorage("localStorage", key, null);
  };

  const keys = { getDraftKey, getOtherKey, getVisitorKey };
  const drafts = { ...keys, readStorage, writeStorage, saveDraft, forgetDraft, shown };

  // write.js is fetched for a box with words or a draft, or that somebody enters.
  const loadHelp = (form, entryPoint) =>
    import(form.dataset.write).then((module) => module[entryPoint](form, drafts)).catch(() => {});

  const resumeDrafts = (root) => {
    for (const form of root.querySelectorAll("form[data-draft]:not([data-ready])")) {
      form.dataset.ready = "yes";
      const keys = [getDraftKey(form), getOtherKey(form), getVisitorKey(form)];
      const hasDraft = keys.some((key) => readStorage("localStorage", key));
      if (hasDraft || findBox(form).value) loadHelp(form, "resume");
    }
  };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const form = detail.requestConfig.elt;
    const posted = form.matches("form[data-draft]") && detail.xhr.status < 400;
    // Before the swap, or the next box would restore it.
    if (posted) forgetDraft(getDraftKey(form));
  });

  window.addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (saving.has(getDraftKey(form))) saveDraft(form);
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

  const formatAge = (moment) => {
    const seconds = Math.floor((Date.now() - moment) / 1000);
    const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? [];
    return unit ? `${Math.floor(seconds / size)} ${unit} ago` : "just now";
  };

  const updateTimes = () => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const moment = Date.parse(time.dateTime);
      const words = Number.isNaN(moment) ? time.textContent : formatAge(moment);
      if (time.textContent !== words) time.textContent = words;
    }
  };

  setInterval(updateTimes, 60_000);
  document.addEventListener("visibilitychange", updateTimes);

  /* -- Threads: closed ones stay closed, linked ones open ------------------------------------ */

  const CLOSED_KEY = "bb:closed";
  const getCommentId = (details) => details.closest(".comment")?.id;

  const closeAgain = (root) => {
    const closed = readStorage("sessionStorage", CLOSED_KEY) ?? [];
    if (!closed.length) return;
    for (const details of root.querySelectorAll("details.comment-content[open]")) {
      const keepOpen = details.closest(".is-target") || details.querySelector(".is-target");
      if (!keepOpen && closed.includes(getCommentId(details))) details.open = false;
    }
  };

  // The event does not bubble, so it is caught on its way down.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      // A phone opens both.
      const menu = target.querySelector(":scope > [hx-get$=acts]");
      if (menu && matchMedia("(width < 37.5em)").matches) window.htmx?.trigger(menu, "click");
      const id = target.matches?.("details.comment-content") && getCommentId(target);
      if (!id) return;
      const closed = (readStorage("sessionStorage", CLOSED_KEY) ?? []).filter((one) => one !== id);
      if (!target.open) closed.push(id);
      writeStorage("sessionStorage", CLOSED_KEY, closed.slice(-500));
    },
    true,
  );

  const readHash = () => {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return ""; // Such as "#100%": an address that names nothing of ours.
    }
  };

  const goToHash = () => {
    const target = location.hash.length > 1 && byId(readHash());
    if (!target) return;
    openAncestors(target);
    if (!target.matches(".comment")) return;
    target.scrollIntoView();
    byId(`${target.id}-heading`)?.focus({ preventScroll: true });
  };

  window.addEventListener("hashchange", goToHash);

  /* -- Clicks, keys, typing ------------------------------------------------------------------ */

  const copyLink = async (link) => {
    try {
      await navigator.clipboard.writeText(link.href);
      announce("Link copied");
    } catch {
      location.assign(link.href);
    }
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      const opensForm = event.target.closest("[hx-get]"); // A form, that the menu would cover.
      if (!menu.contains(event.target) || opensForm) menu.open = false;
    }
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    const control = event.target.closest(
      "[data-cancel], [data-copy], [data-open], [data-focus], .read-more",
    );
    if (!control || !isPlain) return;
    if (control.matches("[data-cancel]")) {
      if (cancelForm(control)) event.preventDefault();
    } else if (control.matches("[data-copy]")) {
      event.preventDefault();
      copyLink(control);
    } else if (control.matches("[data-focus]")) {
      event.preventDefault();
      moveFocus(byId(control.dataset.focus));
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
    if (form && target === findBox(form)) loadHelp(form, "enter");
  });

  document.addEventListener("input", ({ target }) => {
    const form = target.closest?.("form[data-draft]");
    if (!form || target !== findBox(form)) return;
    clearTimeout(saving.get(getDraftKey(form)));
    saving.set(
      getDraftKey(form),
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

  const prepare = (root) => {
    resumeDrafts(root);
    closeAgain(root);
    updateTimes();
  };

  document.addEventListener("htmx:afterSettle", () => {
    prepare(document);
    markExpanded();
  });

  /* "Back" leads to the list that the reader came from. */
  const setBackLink = () => {
    const back = document.querySelector('.command-line .back-link[href="/"]');
    const previous = document.referrer ? new URL(document.referrer) : null;
    const listPaths = /^\/($|organisations|topics|categories|search)/;
    if (back && previous?.origin === location.origin && listPaths.test(previous.pathname)) {
      back.href = previous.pathname + previous.search;
    }
  };

  setBackLink();
  for (const key of document.body.dataset.posted?.split(" ") ?? []) forgetDraft(`bb:draft:${key}`);
  prepare(document);
  // The browser goes to the fragment by itself, and drops the focus while it does.
  window.addEventListener("load", () => {
    goToHash();
    // Some browsers go there after this, and take the focus away again.
    requestAnimationFrame(() => setTimeout(() => {
      if (document.activeElement === document.body) goToHash();
    }));
  });
  document.querySelector(".error-summary[tabindex]")?.focus();
})();
