/* Writing a comment: drafts that come back, characters left, buttons that insert Markdown, names
   after an @, sending by keyboard, and drafts kept on the server. Fetched when somebody first
   enters a box, or finds words in one; the box works without, and app.js keeps what is typed. */

const DAY = 86_400_000;
const watched = new WeakSet();
const wired = new WeakSet();
const boxOf = (form) => form.querySelector("textarea");
const say = (msg) => document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));

/* -- Drafts of this browser, kept by app.js ---------------------------------------------------- */

const timeOf = (moment) => {
  const two = (number) => String(number).padStart(2, "0");
  const then = new Date(moment);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (Date.now() - moment < DAY / 2) return clock;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clock}`;
};

const noteOf = (form) => form.querySelector("[data-draft-note]");

const hideNote = (form) => {
  const note = noteOf(form);
  if (note) note.hidden = true;
};

const inNote = (form, words, name, label, value = "") => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  button.dataset[name] = value;
  button.textContent = label;
  noteOf(form)?.append(words, button);
  if (noteOf(form)) noteOf(form).hidden = false;
};

/* What was typed by somebody who had not signed in waits as long as on the server: others may use
   this browser after them. */
const isTooOld = (key, draft) => Date.now() - draft.at > (key.includes(":u-0-") ? 1 : 7) * DAY;

const restore = (form, { draftKey, forgetDraft, seen, stored }) => {
  const box = boxOf(form);
  const draft = stored("localStorage", draftKey(form));
  if (!draft || isTooOld(draftKey(form), draft)) {
    forgetDraft(draftKey(form));
    return;
  }
  // What is in the box is newer: the answer to a refusal, the server's own draft, or typed while
  // this file was on its way.
  if (box.value !== box.defaultValue || box.getAttribute("aria-invalid") === "true") return;
  if (box.value === draft.text || Date.parse(form.dataset.drafted) > draft.at) return;
  noteOf(form)?.replaceChildren();
  inNote(form, `Draft from ${timeOf(draft.at)} restored. `, "discard", "Discard");
  seen.add(draft.text);
  box.value = draft.text;
};

const offer = (form, key, what, { stored }) => {
  const draft = stored("localStorage", key);
  if (!draft || isTooOld(key, draft)) return;
  inNote(form, " ", "other", `Show ${what}, from ${timeOf(draft.at)}`, key);
};

const offerOthers = (form, drafts) => {
  const { draftKey, otherKey, strangerKey } = drafts;
  offer(form, otherKey(form), "the other draft", drafts);
  if (strangerKey(form) === draftKey(form)) return;
  offer(form, strangerKey(form), "what was typed here before you signed in", drafts);
};

const showOther = (form, key, { otherKey, saveDraft, seen, store, stored }) => {
  const other = stored("localStorage", key);
  const box = boxOf(form);
  if (!other) return;
  store("localStorage", key, null);
  const replaced = { text: box.value, at: Date.now(), tab: "" };
  if (box.value.trim()) store("localStorage", otherKey(form), replaced);
  seen.add(other.text);
  box.value = other.text;
  saveDraft(form);
  box.focus();
  box.setSelectionRange(-1, -1);
};

const discard = (form, { draftKey, forgetDraft }) => {
  const box = boxOf(form);
  box.value = form.dataset.drafted ? "" : box.defaultValue;
  if (form.elements.namedItem("place") && form.elements.namedItem("csrf_token")) {
    const sent = { method: "POST", body: new FormData(form), redirect: "manual" };
    fetch("/drafts/discard", sent).catch(() => {});
  }
  forgetDraft(draftKey(form));
  hideNote(form);
  box.focus();
};

/* -- Characters left --------------------------------------------------------------------------- */

const count = (form) => {
  const counter = form.querySelector("[data-counter]");
  const box = boxOf(form);
  const most = Number(box.dataset.max);
  if (!counter || !most) return;
  const left = most - [...box.value].length; // Code points, as the server counts.
  const wasOver = counter.classList.contains("over");
  counter.setAttribute("aria-live", "off"); // Read on every key it would drown the typing.
  const number = Math.abs(left).toLocaleString("en");
  counter.textContent = left > 500 ? "" : `${number} ${left < 0 ? "too long" : "left"}`;
  counter.classList.toggle("over", left < 0);
  if (left < 0 && !wasOver) say("The comment is too long.");
};

const watch = (form, drafts) => {
  if (watched.has(form)) return;
  watched.add(form);
  boxOf(form).addEventListener("input", () => {
    hideNote(form);
    count(form);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-discard], [data-other]");
    if (!button) return;
    event.preventDefault(); // Without this file the server's own button discards on the server.
    if (button.matches("[data-discard]")) discard(form, drafts);
    else showOther(form, button.dataset.other, drafts);
    count(form);
  });
};

/* -- Buttons ----------------------------------------------------------------------------------- */

const wrap = (before, after, empty) => (chosen) => ({
  text: `${before}${chosen || empty}${after}`,
  from: before.length,
  to: before.length + (chosen || empty).length,
});

const code = (chosen) => {
  if (!chosen.includes("\n")) return wrap("`", "`", "code")(chosen);
  return { text: `\`\`\`\n${chosen}\n\`\`\``, from: 4, to: 4 + chosen.length };
};

const quoted = (chosen) => {
  const text = (chosen || "quote").replace(/^/gm, "> ");
  return { text, from: chosen ? 0 : 2, to: text.length };
};

const link = (chosen) => {
  if (/^https?:\/\/\S+$/.test(chosen)) return { text: `[text](${chosen})`, from: 1, to: 5 };
  const text = `[${chosen || "text"}](https://)`;
  return { text, from: text.length - 1, to: text.length - 1 };
};

const TOOLS = [
  ["B", "Bold", wrap("**", "**", "bold")],
  ["I", "Italic", wrap("*", "*", "italic")],
  ["“", "Quote", quoted],
  ["<>", "Code", code],
  ["link", "Link", link],
];

const insert = (box, text, from, to) => {
  box.focus();
  // This way the browser's own undo takes it back; where it is refused the text is set.
  if (!document.execCommand("insertText", false, text)) {
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const start = box.selectionEnd - text.length;
  box.setSelectionRange(start + from, start + to);
};

const addTools = (form, box) => {
  const bar = document.createElement("div");
  bar.className = "formatting";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Formatting");
  for (const [sign, label, change] of TOOLS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      const chosen = box.value.slice(box.selectionStart, box.selectionEnd);
      const { text, from, to } = change(chosen);
      insert(box, text, from, to);
    });
    bar.append(button);
  }
  box.before(bar);
};

/* -- Names after an @ -------------------------------------------------------------------------- */

const addNames = (form, box) => {
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

  let asked = 0;
  let timer = 0;
  const options = () => [...list.children];
  const chosen = () => options().findIndex((item) => item.getAttribute("aria-selected") === "true");
  const started = () => {
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

  const take = (name) => {
    const begun = started() ?? "";
    box.setSelectionRange(box.selectionStart - begun.length, box.selectionStart);
    insert(box, `${name} `, name.length + 1, name.length + 1);
    close();
  };

  const show = (names) => {
    const items = names.map((name, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.setAttribute("role", "option");
      item.textContent = name;
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // The box keeps the focus.
        take(name);
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
    say(`${items.length} ${items.length === 1 ? "name" : "names"}, arrows choose`);
  };

  const ask = async (begun) => {
    const turn = ++asked;
    const slug = form.elements.namedItem("article").value;
    try {
      const answer = await fetch(`/articles/${slug}/people?q=${encodeURIComponent(begun)}`);
      const { names } = answer.ok ? await answer.json() : { names: [] };
      if (turn === asked && started() === begun) show(names);
    } catch {
      close(); // Without a connection the name is typed by hand.
    }
  };

  const look = () => {
    const begun = started();
    clearTimeout(timer);
    if (begun === undefined) {
      asked += 1;
      close();
    } else timer = setTimeout(() => ask(begun), 150);
  };
  box.addEventListener("input", look);
  if (document.activeElement === box) look(); // Typed while this file was on its way.
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const at = chosen();
    const last = options().length - 1;
    if (event.key === "ArrowDown") select(at === last ? 0 : at + 1);
    else if (event.key === "ArrowUp") select(at <= 0 ? last : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === "Tab") take(options()[at].textContent);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
};

/* -- Drafts on the server, for members --------------------------------------------------------- */

const unsavedId = (form) => `${form.id}-unsaved`;

/* Why the server does not keep what is typed: said once, below the box, where nothing moves. */
const sayUnsaved = (form, reason) => {
  const words = `${reason} What you type here is kept in this browser only.`;
  const known = document.getElementById(unsavedId(form));
  if (known?.textContent === words) return;
  const note = known ?? document.createElement("p");
  note.id = unsavedId(form);
  note.className = "note warn";
  note.textContent = words;
  form.append(note);
  say(words);
};

const addDrafts = (form, box) => {
  const place = form.elements.namedItem("place");
  const token = form.elements.namedItem("csrf_token");
  if (!place || !token) return; // An edit, or somebody who has yet to sign in.
  let timer = 0;
  let saved = box.defaultValue; // What was typed while this file was on its way is not saved.

  const hear = async (answer) => {
    // Our own refusals of a draft; what else fails (a session that ended) is told when it is sent.
    if ([403, 404, 422].includes(answer.status)) sayUnsaved(form, (await answer.json()).message);
    else if (answer.ok) document.getElementById(unsavedId(form))?.remove();
  };

  const save = () => {
    clearTimeout(timer);
    if (box.value === saved || form.dataset.sent || !form.isConnected) return;
    saved = box.value;
    const body = new FormData();
    for (const field of [place, token]) body.set(field.name, field.value);
    body.set("body", box.value);
    // A draft that does not arrive is still in this browser's own storage.
    const sent = { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } };
    fetch("/drafts", sent).then(hear).catch(() => {});
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 2_000);
  });
  if (box.value !== saved) timer = setTimeout(save, 2_000);
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) save();
  });
};

/* -- A box ----------------------------------------------------------------------------------- */

/* A box that holds words, or held some when its page was left. `drafts` is what app.js keeps
   them with. */
export const resume = (form, drafts) => {
  watch(form, drafts);
  restore(form, drafts);
  offerOthers(form, drafts);
  count(form);
};

/* A box that somebody begins to write in. */
export const enter = (form, drafts) => {
  if (wired.has(form)) return;
  wired.add(form);
  const box = boxOf(form);
  watch(form, drafts);
  count(form); // What was typed while this file was on its way.
  addTools(form, box);
  addNames(form, box);
  addDrafts(form, box);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.primary"));
  });
};
