/* New comments while somebody reads: they are announced, and inserted only when the reader asks.
   reader.js fetches this file when the poll first names a new comment. */

const byId = (id) => document.getElementById(id);
const announce = (msg) => {
  document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));
};
const moveFocus = (value) => {
  document.dispatchEvent(new CustomEvent("bb:focus", { detail: { value } }));
};
const formatCount = (number, one, several) => `${number} ${number === 1 ? one : several}`;

let announcedCount = 0;
let latest = { seq: 0, list: [] };
const removedIds = new Set(); // announced, and removed before the reader asked for them

const findState = () => byId("live-state");
const listMissing = () => latest.list.filter(([id]) => !byId(`c-${id}`) && !removedIds.has(id));
// A list in another order, or of some comments only, has no place for what is new.
const growsInPlace = () => "grows" in (findState()?.dataset ?? {});
const findReplyList = (parent) => byId(`c-${parent}-replies`);

const groupByParent = (list) => {
  const groups = new Map();
  for (const [id, parent] of list) {
    if (parent && findReplyList(parent)) groups.set(parent, [...(groups.get(parent) ?? []), id]);
  }
  return groups;
};

const renderBar = () => {
  const bar = byId("new-comments-bar");
  const list = listMissing();
  if (!bar) return;
  const hasPlace = ([, parent]) => growsInPlace() && (!parent || findReplyList(parent));
  bar.dataset.elsewhere = list.some(hasPlace) ? "" : "yes";
  bar.hidden = list.length === 0;
  const words = formatCount(list.length, "new comment", "new comments");
  bar.textContent = `${words} — show`;
  if (list.length > announcedCount) announce(words);
  announcedCount = list.length;
  const groups = growsInPlace() ? groupByParent(list) : new Map();
  for (const button of document.querySelectorAll(".new-replies")) {
    if (!groups.has(Number(button.dataset.parent))) button.remove();
  }
  for (const [parent, ids] of groups) {
    let button = byId(`c-${parent}-new`);
    if (!button) {
      button = document.createElement("button");
      Object.assign(button, { type: "button", id: `c-${parent}-new` });
      button.className = "show-more new-replies";
      button.dataset.parent = parent;
      findReplyList(parent).after(button);
    }
    button.textContent = `${formatCount(ids.length, "new reply", "new replies")} — show`;
  }
};

const fetchInto = (url, target, swap) =>
  window.htmx.ajax("GET", url, { target, swap, source: target });

// A comment that was asked for and did not come has been removed in the meantime.
const noteRemoved = (ids) => {
  const arrivedIds = ids.filter((id) => byId(`c-${id}`));
  for (const id of ids) if (!arrivedIds.includes(id)) removedIds.add(id);
  return arrivedIds;
};

const loadReplies = async (parent) => {
  const ids = (groupByParent(listMissing()).get(parent) ?? []).slice(0, 20);
  if (!ids.length) return [];
  await fetchInto(`/c/${parent}/replies?ids=${ids.join()}`, findReplyList(parent), "beforeend");
  return noteRemoved(ids);
};

const loadThreads = async () => {
  const threads = listMissing().filter(([, parent]) => !parent);
  const ids = threads.slice(-20).map(([id]) => id);
  if (!ids.length) return [];
  await fetchInto(`${findState().dataset.more}?ids=${ids.join()}`, byId("thread"), "afterbegin");
  return noteRemoved(ids);
};

// When all are shown, leaving the page marks them as read too.
const countAsShown = () => {
  const field = byId("seen")?.elements.namedItem("publish_seq");
  if (field && listMissing().length === 0) field.value = Math.max(field.value, latest.seq);
};

const announceArrival = (arrivedIds) => {
  renderBar();
  countAsShown();
  const words = formatCount(arrivedIds.length, "new comment", "new comments");
  announce(arrivedIds.length ? words : "It was removed");
  if (arrivedIds.length) moveFocus(`c-${Math.min(...arrivedIds)}-heading`);
};

const loadAll = async () => {
  const wanted = listMissing().map(([id]) => id);
  await loadThreads();
  for (const parent of groupByParent(listMissing()).keys()) await loadReplies(parent);
  announceArrival(wanted.filter((id) => byId(`c-${id}`)));
};

document.addEventListener("click", ({ target }) => {
  const bar = target.closest("#new-comments-bar");
  const replies = target.closest(".new-replies");
  if (bar?.dataset.elsewhere) location.assign(findState().dataset.new);
  else if (bar) loadAll();
  else if (replies) loadReplies(Number(replies.dataset.parent)).then(announceArrival);
});

// "Show more" may bring a comment that was shown here as new: it must not stand twice.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap || !detail.target.id.endsWith("-more")) return;
  for (const [, id] of detail.serverResponse.matchAll(/<li class="comment[^"]*" id="(c-\d+)"/g)) {
    byId(id)?.remove();
  }
});

document.addEventListener("htmx:afterSettle", renderBar);

/* Take the answer of a poll: the highest publish_seq, and the comments since the page was made,
   each as a pair of its id and its parent's. */
export const receive = (seq, list) => {
  latest = { seq, list };
  renderBar();
};
