"""The floor: bare Flask views that hand out the same bytes, and one bare transaction.

Served by gunicorn with the site's own settings; BENCH_FLOOR is the folder of the captured
answers, BENCH_FLOOR_DATABASE the address of a database on the site's engine.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, create_engine, insert, update

from app.db.base import make_engine_options

metadata = MetaData()
rows = Table("bare_rows", metadata, Column("id", Integer, primary_key=True), Column("body", Text))
counters = Table("bare_counters", metadata, Column("id", Integer, primary_key=True),
                 Column("n", Integer, nullable=False))  # fmt: skip
app = Flask(__name__, static_folder=None)


def engine(url: str) -> Engine:
    """Return the database of the floor with the very settings of the site's engine."""
    return create_engine(url, **make_engine_options(url))


def prepare(url: str) -> None:
    """Make the two tables and the one counter."""
    made = engine(url)
    metadata.create_all(made)
    with made.begin() as connection:
        connection.execute(insert(counters).values(id=1, n=0))
    made.dispose()


@cache
def _engine() -> Engine:
    return engine(os.environ["BENCH_FLOOR_DATABASE"])


@cache
def _captured(name: str) -> tuple[bytes, dict[str, Any]]:
    folder = Path(os.environ["BENCH_FLOOR"])
    return (folder / name).read_bytes(), json.loads((folder / f"{name}.json").read_text())


@app.get("/healthz")
def healthz() -> str:
    return "up"


@app.get("/page/<name>")
def page(name: str) -> Response:
    """Return the captured bytes with their type, encoding and an ETag."""
    body, told = _captured(name)
    answer = Response(body, told["status"], told["headers"])
    answer.set_etag(name)
    return answer.make_conditional(request)


@app.post("/transaction")
def transaction() -> str:
    """Insert a row and bump a counter, in one transaction."""
    with _engine().begin() as connection:
        connection.execute(insert(rows).values(body=request.form.get("body", "")))
        connection.execute(update(counters).where(counters.c.id == 1).values(n=counters.c.n + 1))
    return "stored"
