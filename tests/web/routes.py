"""Every route of the site with an address to ask, from the url map: none is forgotten."""

from collections.abc import Iterator
from typing import NamedTuple

from flask import Flask

from app.db.base import Base, db

_SLUGS = {
    "articles.show_organisation": "example-lab",
    "articles.show_topic": "open-source",
    "articles.show_category": "research",
}


class Route(NamedTuple):
    method: str
    endpoint: str
    arguments: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"

    def path(self, app: Flask, comment_id: int, entry_id: int = 1) -> str:
        """Return an address of the route; a route with an argument of a new name fails here."""
        moderation = self.endpoint.startswith("moderation.")
        known = {
            "slug": _SLUGS.get(self.endpoint, "story"),
            "name": "reported" if moderation else "rhea",
            "article_id": 1,
            "comment_id": comment_id,
            "entry_id": entry_id,
            "number": 2,  # the version that a comment has when it is published
        }
        adapter = app.url_map.bind("localhost")
        return adapter.build(self.endpoint, {name: known[name] for name in self.arguments})


def routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        assert methods <= {"GET", "POST"}, rule
        for method in sorted(methods):
            yield Route(method, rule.endpoint, frozenset(rule.arguments))


def snapshot(but: str = "") -> dict[str, list[tuple[object, ...]]]:
    """Every row of the database, but for those of one table."""
    db.session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name != but]
    rows = {t.name: sorted(map(tuple, db.session.execute(t.select())), key=repr) for t in tables}
    db.session.rollback()
    return rows
