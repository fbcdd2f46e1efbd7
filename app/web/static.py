"""Files below static/: served before the app, cached for ever, compressed where that was done."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

from app.config import ROOT, Misconfigured
from app.web import headers
from app.web.encodings import list_encodings

YEAR = 365 * 24 * 3600  # seconds
FOLDER = ROOT / "static"
_ROUNDING = 0.001  # seconds that copying the time of a file may cost


def init_app(app: Flask, folder: Path = FOLDER) -> None:
    """Serve the files of `folder` under /static/, to whoever takes it as brotli or gzip.

    `python -m whitenoise.compress static` makes the compressed ones; where they are missing the
    plain file is served. Those of another version than their file are deleted.
    """
    if outdated := remove_outdated(folder):
        app.logger.warning(
            "Deleted, for they were of another version than their files: %s; make them again "
            "with python -m whitenoise.compress static.",
            ", ".join(outdated),
        )
    secure = headers.security_headers(app)

    def add_headers(served: Any, _path: str, _url: str) -> None:
        for name, value in secure.items():
            served[name] = value
        served["Cache-Control"] = f"public, max-age={YEAR}, immutable"

    files = WhiteNoise(
        app.wsgi_app,
        root=str(folder),
        prefix="/static/",
        max_age=YEAR,
        allow_all_origins=False,
        add_headers_function=add_headers,
    )

    def serve(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        # WhiteNoise looks for the name alone, and so finds br in "br;q=0".
        taken = list_encodings(environ.get("HTTP_ACCEPT_ENCODING"))
        environ["HTTP_ACCEPT_ENCODING"] = ", ".join(taken)
        return files(environ, start)  # type: ignore[no-any-return]

    app.wsgi_app = serve  # type: ignore[assignment, method-assign]


def remove_outdated(folder: Path) -> list[str]:
    """Delete compressed files that are not of the file beside them, and return their names.

    The compressor gives each the time of its file. Raises Misconfigured where one cannot be
    deleted.
    """
    outdated = [
        path
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in (".br", ".gz") and _is_old(path)
    ]
    for path in outdated:
        try:
            path.unlink(missing_ok=True)  # another process may have been first
        except OSError as error:
            raise Misconfigured(
                f"{path} is of another version than its file and cannot be deleted ({error}). "
                "Run python -m whitenoise.compress static as the owner of the folder."
            ) from None
    return [path.relative_to(folder.parent).as_posix() for path in outdated]


def _is_old(compressed: Path) -> bool:
    file = compressed.with_suffix("")
    if not file.exists():
        return False  # an archive that stands by itself is no business of ours
    return abs(file.stat().st_mtime - compressed.stat().st_mtime) > _ROUNDING
