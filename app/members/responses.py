"""Responses to members' acts: buttons, refusals, sections of the settings."""

import re
from collections.abc import Callable
from typing import Any

from flask import flash, get_flashed_messages, make_response, render_template, request, url_for

from app import clock, text
from app.accounts.permissions import require_member
from app.comments.enums import Sort
from app.errors import DomainError, SignedOut
from app.members import queries
from app.web.forms import get_typed
from app.web.htmx import Answer, is_htmx, redirect_after_post, render_fragment
from app.web.urls import get_own_path, make_sign_in_url
from app.web.viewer import get_viewer

# -- buttons -----------------------------------------------------------------------------------

_DOM = re.compile(r"[a-z]+(-[a-z0-9]+){1,3}")


def get_dom_id(default: str = "") -> str:
    """Return the id of the button that sent the request; its replacement must have the same."""
    given = get_typed("dom")
    return given if len(given) <= 40 and _DOM.fullmatch(given) else default


def go_back(message: str, default: str) -> Answer:
    """Redirect a button without JavaScript to its page, with a message of what it did."""
    flash(message, "done")
    return redirect_after_post(get_own_path(request.values.get("next"), default))


def respond_noted(error: DomainError, slot: str, back: str, reswap: str = "innerHTML") -> Answer:
    """Return a refusal for `slot` (a selector), so that no button or typed text is replaced.

    Without HTMX the error is raised, for a page of its own.
    """
    if not is_htmx():
        raise error
    return render_fragment(
        "errors/_failure_note.html",
        status=error.status,
        announce=error.message,
        retarget=slot,
        reswap=reswap,
        title=error.title,
        message=error.message,
        sign_in=make_sign_in_url(back) if isinstance(error, SignedOut) else "",
    )


def find_slot(dom: str) -> tuple[str, str]:
    """Return the slot and swap for a button's refusal: below its comment, else the page's note."""
    in_comment = re.match(r"c-[0-9]+", dom)
    return (f"#{in_comment[0]}-slot", "afterbegin") if in_comment else ("#act-note", "innerHTML")


# -- sections of the settings, each a form of its own -------------------------------------------


def _load_reading(again: bool) -> dict[str, Any]:
    person = require_member(get_viewer())
    if again:
        return {"sort": get_typed("sort"), "shortcuts": bool(get_typed("shortcuts"))}
    return {"sort": person.sort or Sort.BEST, "shortcuts": person.shortcuts}


def _load_people(again: bool) -> dict[str, Any]:
    people = queries.list_muted_people(require_member(get_viewer()))
    return {"people": people, "name": get_typed("name") if again else ""}


def _load_words(again: bool) -> dict[str, Any]:
    words = queries.list_muted_words(require_member(get_viewer()))
    too_long = {word.id for word in words if text.count_tokens(word.pattern) > text.TOKENS_MAX}
    return {
        "words": words,
        "too_long": too_long,
        "pattern": get_typed("pattern") if again else "",
        "until": get_typed("until") if again else "",
        "today": clock.now().date(),
    }


# The context of each section's partial; after a refusal (True) with the typed values.
_SECTIONS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "reading": _load_reading,
    "people": _load_people,
    "words": _load_words,
}
_PARTIALS = {
    "reading": "members/_reading_settings.html",
    "people": "members/_muted_people.html",
    "words": "members/_muted_words.html",
}


def load_section(name: str, error: DomainError | None = None, done: str = "") -> dict[str, Any]:
    return {**_SECTIONS[name](error is not None), "error": error, "done": done}


def render_settings(refused: str = "", error: DomainError | None = None) -> Answer:
    flashed: list[Any] = get_flashed_messages(True, [*_SECTIONS, "done"])
    messages: dict[str, str] = dict(flashed)
    sections = {
        name: load_section(name, error if name == refused else None, messages.get(name, ""))
        for name in _SECTIONS
    }
    page = render_template(
        "members/settings.html", error=error, done=messages.get("done", ""), **sections
    )
    return make_response(page, error.status if error else 200)


def refuse_in(name: str) -> Callable[[DomainError], Answer]:
    """Return the handler that renders a section again with the typed values.

    A refusal that is about no field, or a sign-in, is shown beside the section.
    """

    def refuse(error: DomainError) -> Answer:
        back = url_for("members.show_settings", _anchor=name)
        if isinstance(error, SignedOut) or (is_htmx() and error.field is None):
            return respond_noted(error, f"#{name}-note", back)
        if not is_htmx():
            return render_settings(name, error)
        part = load_section(name, error)
        return render_fragment(
            _PARTIALS[name], status=error.status, focus=error.field or "", part=part
        )

    return refuse


def respond_saved(name: str, done: str = "Saved") -> Answer:
    if not is_htmx():
        flash(done, name)
        return redirect_after_post(url_for("members.show_settings", _anchor=name))
    return render_fragment(_PARTIALS[name], announce=done, part=load_section(name, done=done))
