"""The database from nothing to the models and down again, on both engines."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from app import create_app
from app.db.base import Base, db
from app.search.models import comment_words
from tests.databases import close

pytestmark = pytest.mark.both_engines  # migrations

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


@pytest.fixture
def blank(app: Flask, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """`blank()` makes an app with an empty database of its own, on the engine of `app`."""
    made: list[Flask] = []
    addresses: list[str] = []

    def make() -> Flask:
        number = len(made)
        url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
        if url.get_backend_name() == "sqlite":
            url = url.set(database=str(tmp_path / f"{number}.sqlite3"))
        else:
            url = url.set(database=f"blank_{number}")
            _on_the_server(f"CREATE DATABASE blank_{number}")
            addresses.append(f"blank_{number}")
        address = url.render_as_string(hide_password=False)
        made.append(create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": address}))
        return made[-1]

    def _on_the_server(statement: str) -> None:
        engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    yield make
    for each in made:
        close(each)
    for name in addresses:
        _on_the_server(f"DROP DATABASE {name}")


def is_fts5(table: str) -> bool:
    """Whether SQLite keeps `table` in a form of its own, which no model can describe."""
    return db.engine.dialect.name == "sqlite" and table.startswith(comment_words.name)


def shape() -> dict[str, Any]:
    """Return what the database holds, table by table, in values that can be compared."""
    inspector = inspect(db.engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": _by_name(inspector.get_foreign_keys(table)),
            "unique": _by_name(inspector.get_unique_constraints(table)),
            "checks": _by_name(inspector.get_check_constraints(table)),
            "indexes": _by_name(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version" and not is_fts5(table)
    }


def _by_name(parts: list[Any]) -> list[Any]:
    return sorted(parts, key=lambda part: str(part["name"]))


def leftovers() -> list[str]:
    """Whatever of ours stands in the database beside alembic's own table."""
    if db.engine.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    else:
        query = """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        """
    names = db.session.execute(text(query)).scalars().all()
    db.session.rollback()
    return [name for name in names if not name.startswith("alembic_version")]


def test_alembic_finds_no_difference_between_the_migrations_and_the_models(
    blank: Callable[[], Flask],
) -> None:
    with blank().app_context():
        upgrade()
        with db.engine.connect() as connection:
            opts = {
                "compare_type": True,
                "include_object": lambda _, name, kind, *__: kind != "table" or not is_fts5(name),
            }
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_make_every_column_key_and_index_of_the_models(
    blank: Callable[[], Flask],
) -> None:
    with blank().app_context():
        upgrade()
        migrated = shape()
    with blank().app_context():
        db.create_all()
        assert migrated == shape()
        assert migrated.keys() == {name for name in Base.metadata.tables if not is_fts5(name)}


def test_every_constraint_has_a_name_so_that_a_migration_can_drop_it() -> None:
    nameless = [
        (table.name, constraint)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []


def test_down_leaves_nothing_and_up_again_makes_the_same(blank: Callable[[], Flask]) -> None:
    with blank().app_context():
        upgrade()
        first, names = shape(), leftovers()
        downgrade(revision="base")
        assert leftovers() == []
        upgrade()
        assert (shape(), sorted(leftovers())) == (first, sorted(names))


def test_migrations_are_dated_and_follow_each_other_in_one_line() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert len(scripts.get_heads()) == 1
    dated = r"20\d\d_[01]\d_[0-3]\d_[a-z0-9_]+"
    names = [path.stem for path in (MIGRATIONS / "versions").glob("*.py")]
    assert [name for name in names if not re.fullmatch(dated, name)] == []
    dates = [Path(script.path).stem[:10] for script in scripts.walk_revisions()]
    assert dates == sorted(dates, reverse=True)
