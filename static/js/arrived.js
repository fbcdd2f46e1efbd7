/* New comments while somebody reads: told, never inserted by themselves. Fetched when the first
   answer of the poll names any. */

const byId = (id) => document.getElementById(id);
const say = (msg) => document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));
const goTo = (value) => document.dispatchEvent(new CustomEvent("bb:focus", { detail: { value } }));
const many = (number, one, several) => `${number} ${number === 1 ? one : several}`;

let told = 0;
let heard = { seq: 0, list: [] };
const gone = new Set(); // told, and removed before anybody asked for them

const state = () => byId("live-state");
const missing = () => heard.list.filter(([id]) => !byId(`c-${id}`) && !gone.has(id));
// A list in another order, or of some comments only, has no place for what is new.
const grows = () => "grows" in (state()?.dataset ?? {});
const kids = (parent) => byId(`c-${parent}-replies`);

const byParent = (list) => {
  const groups = new Map();
  for (const [id, parent] of list) {
    if (parent && kids(parent)) groups.set(parent, [...(groups.get(parent) ?? []), id]);
  }
  return groups;
};

const drawBar = () => {
  const bar = byId("new-comments-bar");
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
      button.className = "show-more new-replies";
      button.dataset.parent = parent;
      kids(parent).after(button);
    }
    button.textContent = `${many(ids.length, "new reply", "new replies")} — show`;
  }
};

const bring = (url, target, swap) => window.htmx.ajax("GET", url, { target, swap, source: target });

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

// What was shown counts as read when the page is left.
const markHeard = () => {
  const field = byId("seen")?.elements.namedItem("publish_seq");
  if (field && missing().length === 0) field.value = Math.max(field.value, heard.seq);
};

const tell = (come) => {
  drawBar();
  markHeard();
  say(come.length ? many(come.length, "new comment", "new comments") : "It was removed");
  if (come.length) goTo(`c-${Math.min(...come)}-heading`);
};

const bringAll = async () => {
  const before = missing().map(([id]) => id);
  await bringThreads();
  for (const parent of byParent(missing()).keys()) await bringReplies(parent);
  tell(before.filter((id) => byId(`c-${id}`)));
};

document.addEventListener("click", ({ target }) => {
  const bar = target.closest("#new-comments-bar");
  const replies = target.closest(".new-replies");
  if (bar?.dataset.elsewhere) location.assign(state().dataset.new);
  else if (bar) bringAll();
  else if (replies) bringReplies(Number(replies.dataset.parent)).then(tell);
});

// What comes by "Show more" may be here already, brought by what was new: it stands once.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap || !detail.target.id.endsWith("-more")) return;
  for (const [, id] of detail.serverResponse.matchAll(/<li class="comment[^"]*" id="(c-\d+)"/g)) {
    byId(id)?.remove();
  }
});

document.addEventListener("htmx:afterSettle", drawBar);

/* What the poll has answered: its last number, and the comments since the page was made as pairs
   of number and parent. */
export const hear = (seq, list) => {
  heard = { seq, list };
  drawBar();
};
