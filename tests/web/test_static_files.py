"""Files below static/ as they are served: plain or compressed, never of another version."""

import gzip
import logging
import os
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.config import Misconfigured
from app.web import static
from tests.cases import each
from tests.web.test_headers import assert_secured

CONTENT = b"body { color: inherit } " * 40
Ask = Callable[..., TestResponse]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.css").write_bytes(CONTENT)
    (tmp_path / "a.css.br").write_bytes(brotli.compress(CONTENT))
    (tmp_path / "a.css.gz").write_bytes(gzip.compress(CONTENT))
    for path in tmp_path.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))  # the compressor copies the file's time
    return tmp_path


@pytest.fixture
def ask(folder: Path) -> Ask:
    """`ask("br, gzip")` asks an app for a.css that has begun to serve the folder just now."""

    def get(takes: str = "", path: str = "a.css", **headers: str) -> TestResponse:
        app = Flask("files")
        app.config["PRODUCTION"] = False
        static.init_app(app, folder)
        headers["Accept-Encoding"] = takes
        return app.test_client().get(f"/static/{path}", headers=headers, buffered=True)

    return get


@each(
    ("takes", "encoding", "decoded"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("br;q=0", None, bytes),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("br ; q=0.000, gzip;q=0.1", "gzip", gzip.decompress),
        ("gzip;q=0, br;q=0.5", "br", brotli.decompress),
        ("BR", "br", brotli.decompress),
        ("br;q=0, gzip;q=0", None, bytes),
        ("*;q=0", None, bytes),
        ("*", None, bytes),
        ("x-br, brotli, gzipped", None, bytes),
        ("", None, bytes),
    ],
)
def test_a_file_is_sent_in_the_best_form_that_is_taken(
    ask: Ask, takes: str, encoding: str | None, decoded: Callable[[bytes], bytes]
) -> None:
    answer = ask(takes)
    assert answer.headers.get("Content-Encoding") == encoding
    assert decoded(answer.data) == CONTENT
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("takes", ["br", "gzip", ""])
def test_every_form_carries_the_headers_of_files_and_says_what_it_depends_on(
    ask: Ask, takes: str
) -> None:
    answer = ask(takes)
    again = ask(takes, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert_secured(answer)
    assert answer.headers["Content-Type"].startswith("text/css")
    for one in (answer, again):
        assert one.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert one.headers["Vary"] == "Accept-Encoding"


def test_what_is_of_another_version_is_named_and_deleted(
    ask: Ask, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    os.utime(folder / "a.css", (1_600_000_000, 1_600_000_000))  # older or newer: another one
    with caplog.at_level(logging.WARNING, logger="files"):
        answer = ask("br, gzip")
    assert (answer.data, "Content-Encoding" in answer.headers) == (CONTENT, False)
    name = folder.name
    assert [record.getMessage() for record in caplog.records] == [
        f"Deleted, for they were of another version than their files: {name}/a.css.br, "
        f"{name}/a.css.gz; make them again with python -m whitenoise.compress static."
    ]
    assert [path.name for path in folder.iterdir()] == ["a.css"]


def test_one_form_that_is_old_leaves_the_other_one(ask: Ask, folder: Path) -> None:
    os.utime(folder / "a.css.br")
    assert ask("br, gzip").headers["Content-Encoding"] == "gzip"


def test_an_old_form_that_cannot_be_deleted_stops_the_start_with_the_remedy(folder: Path) -> None:
    (folder / "a.css.br").unlink()
    (folder / "a.css.br").mkdir()  # nobody deletes a folder like a file, not even root
    with pytest.raises(Misconfigured, match=r"a\.css\.br is of another version .* Run python -m"):
        static.remove_outdated(folder)


def test_an_archive_that_stands_by_itself_is_left_alone(ask: Ask, folder: Path) -> None:
    (folder / "a.css").unlink()
    assert ask("br").status_code == 404
    assert sorted(path.name for path in folder.iterdir()) == ["a.css.br", "a.css.gz"]
