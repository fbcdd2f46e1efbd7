/* Writing a comment: drafts that come back, characters left, buttons that insert Markdown, names
   after an @, sending by keyboard, and drafts kept on the server. Fetched when somebody first
   enters a box, or finds words in one; the box works without, and app.js keeps what is typed. */

const DAY = 86_400_000;
const watchedForms = new WeakSet();
const startedForms = new WeakSet();
const findBox = (form) => form.querySelector("textarea");
const announce = (msg) => {
  document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));
};

/* -- Drafts of this browser, kept by app.js ---------------------------------------------------- */

const formatTime = (moment) => {
  const pad = (number) => String(number).padStart(2, "0");
  const then = new Date(moment);
  const clock = `${pad(then.getHours())}:${pad(then.getMinutes())}`;
  if (Date.now() - moment < DAY / 2) return clock;
  return `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())} ${clock}`;
};

const findNote = (form) => form.querySelector("[data-draft-note]");

const hideNote = (form) => {
  const note = findNote(form);
  if (note) note.hidden = true;
};

const addToNote = (form, words, name, label, value = "") => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  button.dataset[name] = value;
  button.textContent = label;
  findNote(form)?.append(words, button);
  if (findNote(form)) findNote(form).hidden = false;
};

/* The server says how long drafts live: of the form's writer, and of who had not signed in. */
const isTooOld = (draft, days) => Date.now() - draft.at > days * DAY;

const restoreDraft = (form, { getDraftKey, forgetDraft, shown, readStorage }) => {
  const box = findBox(form);
  const draft = readStorage("localStorage", getDraftKey(form));
  if (!draft || isTooOld(draft, form.dataset.days)) {
    forgetDraft(getDraftKey(form));
    return;
  }
  // What is in the box is newer: the answer to a refusal, the server's own draft, or typed while
  // this file was on its way.
  if (box.value !== box.defaultValue || box.getAttribute("aria-invalid") === "true") return;
  if (box.value === draft.text || Date.parse(form.dataset.drafted) > draft.at) return;
  findNote(form)?.replaceChildren();
  addToNote(form, `Draft from ${formatTime(draft.at)} restored. `, "discard", "Discard");
  shown.add(draft.text);
  box.value = draft.text;
};

const offerDraft = (form, key, days, description, { readStorage }) => {
  const draft = readStorage("localStorage", key);
  if (!draft || isTooOld(draft, days)) return;
  addToNote(form, " ", "other", `Show ${description}, from ${formatTime(draft.at)}`, key);
};

const offerOtherDrafts = (form, drafts) => {
  const { getDraftKey, getOtherKey, getVisitorKey } = drafts;
  offerDraft(form, getOtherKey(form), form.dataset.days, "the other draft", drafts);
  if (getVisitorKey(form) === getDraftKey(form)) return;
  const days = form.dataset.unsentDays;
  offerDraft(form, getVisitorKey(form), days, "what was typed here before you signed in", drafts);
};

const showOtherDraft = (form, key, drafts) => {
  const { getOtherKey, saveDraft, shown, writeStorage, readStorage } = drafts;
  const other = readStorage("localStorage", key);
  const box = findBox(form);
  if (!other) return;
  writeStorage("localStorage", key, null);
  const replaced = { text: box.value, at: Date.now(), tab: "" };
  if (box.value.trim()) writeStorage("localStorage", getOtherKey(form), replaced);
  shown.add(other.text);
  box.value = other.text;
  saveDraft(form);
  box.focus();
  box.setSelectionRange(-1, -1);
};

const discardDraft = (form, { getDraftKey, forgetDraft }) => {
  const box = findBox(form);
  box.value = form.dataset.drafted ? "" : box.defaultValue;
  if (form.elements.namedItem("place") && form.elements.namedItem("csrf_token")) {
    const options = { method: "POST", body: new FormData(form), redirect: "manual" };
    fetch("/drafts/discard", options).catch(() => {});
  }
  forgetDraft(getDraftKey(form));
  hideNote(form);
  box.focus();
};

/* -- Characters left --------------------------------------------------------------------------- */

const updateCounter = (form) => {
  const counter = form.querySelector("[data-counter]");
  const box = findBox(form);
  const maximum = Number(box.dataset.max);
  if (!counter || !maximum) return;
  const left = maximum - [...box.value].length; // Code points, as the server counts.
  const wasOver = counter.classList.contains("over");
  counter.setAttribute("aria-live", "off"); // Read on every key it would drown the typing.
  const number = Math.abs(left).toLocaleString("en");
  counter.textContent = left > 500 ? "" : `${number} ${left < 0 ? "too long" : "left"}`;
  counter.classList.toggle("over", left < 0);
  if (left < 0 && !wasOver) announce("The comment is too long.");
};

const watchForm = (form, drafts) => {
  if (watchedForms.has(form)) return;
  watchedForms.add(form);
  findBox(form).addEventListener("input", () => {
    hideNote(form);
    updateCounter(form);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-discard], [data-other]");
    if (!button) return;
    event.preventDefault(); // Without this file the server's own button discards on the server.
    if (button.matches("[data-discard]")) discardDraft(form, drafts);
    else showOtherDraft(form, button.dataset.other, drafts);
    updateCounter(form);
  });
};

/* -- Buttons ----------------------------------------------------------------------------------- */

const wrapIn = (before, after, empty) => (chosen) => ({
  text: `${before}${chosen || empty}${after}`,
  from: before.length,
  to: before.length + (chosen || empty).length,
});

const formatCode = (chosen) => {
  if (!chosen.includes("\n")) return wrapIn("`", "`", "code")(chosen);
  return { text: `\`\`\`\n${chosen}\n\`\`\``, from: 4, to: 4 + chosen.length };
};

const formatQuote = (chosen) => {
  const text = (chosen || "quote").replace(/^/gm, "> ");
  return { text, from: chosen ? 0 : 2, to: text.length };
};

const formatLink = (chosen) => {
  if (/^https?:\/\/\S+$/.test(chosen)) return { text: `[text](${chosen})`, from: 1, to: 5 };
  const text = `[${chosen || "text"}](https://)`;
  return { text, from: text.length - 1, to: text.length - 1 };
};

const FORMATTING = [
  ["B", "Bold", wrapIn("**", "**", "bold")],
  ["I", "Italic", wrapIn("*", "*", "italic")],
  ["“", "Quote", formatQuote],
  ["<>", "Code", formatCode],
  ["link", "Link", formatLink],
];

const insertText = (box, text, from, to) => {
  box.focus();
  // This way the browser's own undo takes it back; where it is refused the text is set.
  if (!document.execCommand("insertText", false, text)) {
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const start = box.selectionEnd - text.length;
  box.setSelectionRange(start + from, start + to);
};

const addFormattingButtons = (form, box) => {
  const bar = document.createElement("div");
  bar.className = "formatting";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Formatting");
  for (const [sign, label, change] of FORMATTING) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      const chosen = box.value.slice(box.selectionStart, box.selectionEnd);
      const { text, from, to } = change(chosen);
      insertText(box, text, from, to);
    });
    bar.append(button);
  }
  box.before(bar);
};

/* -- Names after an @ -------------------------------------------------------------------------- */

const addNameSuggestions = (form, box) => {
  if (!form.elements.namedItem("csrf_token")) return; // For members: others are not told names.
  const list = document.createElement("ul");
  list.id = `${box.id}-names`;
  list.className = "name-suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People in this discussion");
  box.after(list);
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-autocomplete", "list");

  let lastRequest = 0;
  let timer = 0;
  const options = () => [...list.children];
  const chosen = () => options().findIndex((item) => item.getAttribute("aria-selected") === "true");
  const readBegunName = () => {
    const before = box.value.slice(0, box.selectionStart);
    return /(?:^|[\s(])@([A-Za-z0-9_-]{0,20})$/.exec(before)?.[1];
  };

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    box.removeAttribute("aria-activedescendant");
  };

  const select = (at) => {
    for (const [i, item] of options().entries()) item.setAttribute("aria-selected", `${i === at}`);
    box.setAttribute("aria-activedescendant", options()[at]?.id ?? "");
  };

  const insertName = (name) => {
    const begun = readBegunName() ?? "";
    box.setSelectionRange(box.selectionStart - begun.length, box.selectionStart);
    insertText(box, `${name} `, name.length + 1, name.length + 1);
    close();
  };

  const showNames = (names) => {
    const items = names.map((name, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.setAttribute("role", "option");
      item.textContent = name;
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // The box keeps the focus.
        insertName(name);
      });
      return item;
    });
    list.replaceChildren(...items);
    list.hidden = items.length === 0;
    if (!items.length) {
      close();
      return;
    }
    select(0);
    announce(`${items.length} ${items.length === 1 ? "name" : "names"}, arrows choose`);
  };

  const fetchNames = async (begun) => {
    const request = ++lastRequest;
    const slug = form.elements.namedItem("article").value;
    try {
      const answer = await fetch(`/articles/${slug}/people?q=${encodeURIComponent(begun)}`);
      const { names } = answer.ok ? await answer.json() : { names: [] };
      if (request === lastRequest && readBegunName() === begun) showNames(names);
    } catch {
      close(); // Without a connection the name is typed by hand.
    }
  };

  const lookForName = () => {
    const begun = readBegunName();
    clearTimeout(timer);
    if (begun === undefined) {
      lastRequest += 1;
      close();
    } else timer = setTimeout(() => fetchNames(begun), 150);
  };
  box.addEventListener("input", lookForName);
  if (document.activeElement === box) lookForName(); // Typed while this file was on its way.
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const at = chosen();
    const last = options().length - 1;
    if (event.key === "ArrowDown") select(at === last ? 0 : at + 1);
    else if (event.key === "ArrowUp") select(at <= 0 ? last : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === "Tab") insertName(options()[at].textContent);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
};

/* -- Drafts on the server, for members --------------------------------------------------------- */

const unsavedId = (form) => `${form.id}-unsaved`;

/* Say once why the server does not save what is typed; below the box, so that nothing moves. */
const showUnsavedNote = (form, reason) => {
  const words = `${reason} What you type here is kept in this browser only.`;
  const existing = document.getElementById(unsavedId(form));
  if (existing?.textContent === words) return;
  const note = existing ?? document.createElement("p");
  note.id = unsavedId(form);
  note.className = "note warn";
  note.textContent = words;
  form.append(note);
  announce(words);
};

const saveDraftsOnServer = (form, box) => {
  const place = form.elements.namedItem("place");
  const token = form.elements.namedItem("csrf_token");
  if (!place || !token) return; // An edit, or somebody who has yet to sign in.
  let timer = 0;
  let saved = box.defaultValue; // What was typed while this file was on its way is not saved.

  const handleAnswer = async (answer) => {
    // Our own refusals of a draft; what else fails (a session that ended) is told when it is sent.
    if ([403, 404, 422].includes(answer.status)) {
      showUnsavedNote(form, (await answer.json()).message);
    } else if (answer.ok) document.getElementById(unsavedId(form))?.remove();
  };

  const sendDraft = () => {
    clearTimeout(timer);
    if (box.value === saved || form.dataset.sent || !form.isConnected) return;
    saved = box.value;
    const body = new FormData();
    for (const field of [place, token]) body.set(field.name, field.value);
    body.set("body", box.value);
    // A draft that does not arrive is still in this browser's own storage.
    const headers = { Accept: "application/json" };
    const options = { method: "POST", body, keepalive: true, headers };
    fetch("/drafts", options).then(handleAnswer).catch(() => {});
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(sendDraft, 2_000);
  });
  if (box.value !== saved) timer = setTimeout(sendDraft, 2_000);
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) sendDraft();
  });
};

/* -- A box ----------------------------------------------------------------------------------- */

/* A box that holds words, or held some when its page was left. `drafts` is what app.js keeps
   them with. */
export const resume = (form, drafts) => {
  watchForm(form, drafts);
  restoreDraft(form, drafts);
  offerOtherDrafts(form, drafts);
  updateCounter(form);
};

/* A box that somebody begins to write in. */
export const enter = (form, drafts) => {
  if (startedForms.has(form)) return;
  startedForms.add(form);
  const box = findBox(form);
  watchForm(form, drafts);
  updateCounter(form); // What was typed while this file was on its way.
  addFormattingButtons(form, box);
  addNameSuggestions(form, box);
  saveDraftsOnServer(form, box);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.primary"));
  });
};
