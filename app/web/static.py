"""Files below static/: served before the app, kept for ever, compressed where that was done."""

import gzip
import zlib
from collections.abc import Mapping
from os import stat_result
from pathlib import Path
from typing import Any

import brotli
from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

from app.config import ROOT
from app.web import headers
from app.web.encodings import list_encodings

YEAR = 365 * 24 * 3600  # seconds
FOLDER = ROOT / "static"
_DECOMPRESS = {".br": brotli.decompress, ".gz": gzip.decompress}
_BROKEN = (OSError, EOFError, zlib.error, brotli.error)


def init_app(app: Flask, folder: Path = FOLDER) -> None:
    """Serve the files of `folder` under /static/, to whoever takes it as brotli or gzip.

    `python -m whitenoise.compress static` makes the compressed ones; where they are missing, or
    of another version than the file itself, the plain file is served.
    """
    secure = headers.security_headers(app)

    def add_headers(served: Any, _path: str, _url: str) -> None:
        for name, value in secure.items():
            served[name] = value
        served["Cache-Control"] = f"public, max-age={YEAR}, immutable"

    files = _Files(
        app.wsgi_app,
        root=str(folder),
        prefix="/static/",
        max_age=YEAR,
        allow_all_origins=False,
        add_headers_function=add_headers,
    )
    app.wsgi_app = files  # type: ignore[method-assign]
    if files.stale:
        app.logger.warning(
            "Not served, for they are of another version than their files: %s; make them again "
            "with python -m whitenoise.compress static.",
            ", ".join(sorted(files.stale)),
        )


class _Files(WhiteNoise):
    """WhiteNoise, which would serve a compressed file whatever is in it, and to who refuses it.

    `stale` names those that are not served.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.stale: list[str] = []
        super().__init__(*args, **options)

    @staticmethod
    def serve(static_file: Any, environ: dict[str, Any], start: Any) -> Any:
        # WhiteNoise looks for the name alone, and so finds br in "br;q=0".
        taken = ", ".join(list_encodings(environ.get("HTTP_ACCEPT_ENCODING")))
        return WhiteNoise.serve(static_file, environ | {"HTTP_ACCEPT_ENCODING": taken}, start)

    def add_file_to_dictionary(
        self, url: str, path: str, stat_cache: Mapping[str, stat_result]
    ) -> None:
        # One whose file is gone would be served as a file of its own.
        if not path.endswith(tuple(_DECOMPRESS)):
            super().add_file_to_dictionary(url, path, stat_cache=stat_cache)

    def get_static_file(
        self, path: str, url: str, stat_cache: Mapping[str, stat_result]
    ) -> StaticFile:
        known = {path: stat_cache[path]}
        for ending in _DECOMPRESS:
            compressed = path + ending
            if compressed not in stat_cache:
                continue
            if _holds(compressed, Path(path).read_bytes()):
                known[compressed] = stat_cache[compressed]
            else:
                self.stale.append(url.removeprefix("/") + ending)
        return super().get_static_file(path, url, stat_cache=known)


def _holds(compressed: str, content: bytes) -> bool:
    """Whether a compressed file is one of `content`."""
    decompress = _DECOMPRESS[Path(compressed).suffix]
    try:
        return bool(decompress(Path(compressed).read_bytes()) == content)
    except _BROKEN:
        return False
