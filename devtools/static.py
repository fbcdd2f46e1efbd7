"""Compressing the files of static/, which the site serves in both forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from devtools.packages import PYTHON
from devtools.steps import ROOT, quietly

STATIC = ROOT / "static"
COMPRESSED = (".br", ".gz")
TEXT = {".css", ".js", ".json", ".svg", ".txt"}
LATER = 0.001  # seconds: the compressor copies the time of the file, but rounds it


def compress(folder: Path = STATIC) -> None:
    """Compress the files of `folder` that have changed.

    Compressed files whose source is gone or has changed are deleted first, because the compressor
    writes none where it would save nothing.
    """
    old = [path for path in _files(folder) if path.suffix in COMPRESSED and _is_stale(path)]
    for path in old:
        path.unlink()
    if any(_lacks_one(path) for path in _files(folder)):
        command = [PYTHON, "-m", "whitenoise.compress", "--quiet", str(folder)]
        quietly("Compressing the static files", command)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _is_stale(compressed: Path) -> bool:
    file = compressed.with_suffix("")
    if not file.exists():
        return True
    return abs(file.stat().st_mtime - compressed.stat().st_mtime) > LATER


def _lacks_one(path: Path) -> bool:
    return path.suffix in TEXT and not path.with_name(path.name + ".br").exists()
