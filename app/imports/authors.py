"""Accounts of people who wrote elsewhere: pseudonymous, and nobody can sign in to them."""

import hashlib
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app import clock, text
from app.accounts.models import User
from app.accounts.operations import is_reserved_name
from app.accounts.queries import make_name_key
from app.db.base import db

_USERS = cast("Table", User.__table__)


def make_authors(names: set[str], source: str) -> dict[str, int]:
    """Return the number of each name's account: found from an earlier import, or made.

    `source` names where they wrote, and keeps apart people of the same name. Part of the
    caller's transaction.
    """
    prefix = "imported:" + hashlib.sha256(source.encode()).hexdigest()[:12] + ":"
    keys = {prefix + hashlib.sha256(name.encode()).hexdigest()[:24]: name for name in names}
    found = _list_ids(keys)
    shown = {
        key: " ".join(text.normalise(name).split())[:30] or "unnamed"
        for key, name in keys.items()
        if key not in found
    }
    taken = {make_name_key(name) for name in shown.values()}
    members = set(
        db.session.scalars(
            select(User.name_key).where(User.name_key.in_(taken), User.imported.is_(False))
        )
        if taken
        else ()
    )
    made: list[dict[str, Any]] = []
    for key, name in shown.items():
        # Nobody is to be taken for a member or the staff.
        marked = make_name_key(name) in members or is_reserved_name(name)
        made.append(
            {"name": f"{name} (elsewhere)" if marked else name, "name_key": key, "role": "reader"}
            | {"imported": True, "created_at": clock.now()}
        )
    if made:
        # In one order of keys: another import that makes the same accounts waits here for the
        # one that came first, and then finds them made.
        made.sort(key=itemgetter("name_key"))
        connection = db.session.connection()
        adding = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(adding(_USERS).on_conflict_do_nothing(index_elements=["name_key"]), made)
        found |= _list_ids(shown)
    return {name: found[key] for key, name in keys.items()}


def _list_ids(keys: Iterable[str]) -> dict[str, int]:
    rows = db.session.execute(select(User.name_key, User.id).where(User.name_key.in_(keys)))
    return {row[0]: row[1] for row in rows}
