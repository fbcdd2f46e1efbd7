/* Going through a discussion by keys: j k J K n N p x r. Fetched when the first of them is
   pressed. */

const byId = (id) => document.getElementById(id);
const announce = (msg) => {
  document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));
};
const moveFocus = (value) => {
  document.dispatchEvent(new CustomEvent("bb:focus", { detail: { value } }));
};

const listComments = () =>
  [...document.querySelectorAll("#thread .comment")].filter((item) =>
    byId(`${item.id}-heading`)?.checkVisibility(),
  );
const findCurrent = () => document.activeElement?.closest?.("#thread .comment");

// From the top of the window where no comment has the focus yet.
const findNeighbour = (list, distance) => {
  const current = findCurrent();
  const index = current ? list.findIndex((item) => item === current || item.contains(current)) : -1;
  if (index >= 0) return list[index + distance];
  const below = (item) => item.getBoundingClientRect().bottom > 0;
  const after = (item) => current.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
  const next = list.findIndex(current ? after : below);
  if (distance > 0) return list[next];
  return list[(next < 0 ? list.length : next) - 1];
};

const moveBy = (selector, distance) => {
  const target = findNeighbour(listComments().filter((item) => item.matches(selector)), distance);
  if (!target) return;
  const heading = byId(`${target.id}-heading`);
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "nearest" });
};

const moveToNeighbour = (distance) => {
  const list = listComments();
  const index = list.indexOf(findCurrent());
  const target = list[index + distance];
  if (index < 0) moveBy(".comment", distance);
  else if (target) moveFocus(`${target.id}-heading`);
};

const moveToNew = (distance) => {
  const list = listComments();
  const index = list.indexOf(findCurrent());
  const rest = distance > 0 ? list.slice(index + 1) : list.slice(0, Math.max(index, 0)).reverse();
  const target = rest.find((item) => item.matches(".is-new"));
  if (target) moveFocus(`${target.id}-heading`);
  else announce(distance > 0 ? "No more new comments" : "No new comments before this one");
};

const KEYS = {
  j: () => moveToNeighbour(1),
  k: () => moveToNeighbour(-1),
  J: () => moveBy("#thread > .comment", 1),
  K: () => moveBy("#thread > .comment", -1),
  n: () => moveToNew(1),
  N: () => moveToNew(-1),
  p: () => {
    const parent = findCurrent()?.parentElement.closest(".comment");
    if (parent) moveFocus(`${parent.id}-heading`);
  },
  x: () => {
    const details = findCurrent()?.querySelector("details.comment-content");
    if (!details) return;
    const { id } = findCurrent();
    details.open = !details.open;
    byId(`${id}-heading`).focus();
    announce(details.open ? "Opened" : "Closed");
  },
  r: () => {
    const comment = findCurrent();
    if (comment) byId(`${comment.id}-reply`)?.click();
  },
};

export const pressKey = (key) => KEYS[key]();
