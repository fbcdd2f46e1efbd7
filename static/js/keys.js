/* Going through a discussion by keys: j k J K n N p x r. Fetched when the first of them is
   pressed. */

const byId = (id) => document.getElementById(id);
const say = (msg) => document.dispatchEvent(new CustomEvent("bb:announce", { detail: { msg } }));
const goTo = (value) => document.dispatchEvent(new CustomEvent("bb:focus", { detail: { value } }));

const comments = () =>
  [...document.querySelectorAll("#thread .comment")].filter((item) =>
    byId(`${item.id}-heading`)?.checkVisibility(),
  );
const current = () => document.activeElement?.closest?.("#thread .comment");

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
  if (!target) return;
  const heading = byId(`${target.id}-heading`);
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "nearest" });
};

const exact = (by) => {
  const list = comments();
  const at = list.indexOf(current());
  const target = list[at + by];
  if (at < 0) move(".comment", by);
  else if (target) goTo(`${target.id}-heading`);
};

const nextNew = (by) => {
  const list = comments();
  const at = list.indexOf(current());
  const rest = by > 0 ? list.slice(at + 1) : list.slice(0, Math.max(at, 0)).reverse();
  const target = rest.find((item) => item.matches(".is-new"));
  if (target) goTo(`${target.id}-heading`);
  else say(by > 0 ? "No more new comments" : "No new comments before this one");
};

const KEYS = {
  j: () => exact(1),
  k: () => exact(-1),
  J: () => move("#thread > .comment", 1),
  K: () => move("#thread > .comment", -1),
  n: () => nextNew(1),
  N: () => nextNew(-1),
  p: () => {
    const parent = current()?.parentElement.closest(".comment");
    if (parent) goTo(`${parent.id}-heading`);
  },
  x: () => {
    const details = current()?.querySelector("details.comment-content");
    if (!details) return;
    const { id } = current();
    details.open = !details.open;
    byId(`${id}-heading`).focus();
    say(details.open ? "Opened" : "Closed");
  },
  r: () => {
    const comment = current();
    if (comment) byId(`${comment.id}-reply`)?.click();
  },
};

export const go = (key) => KEYS[key]();
