"""The virtual environment and the locked packages in it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from pathlib import Path

from devtools.steps import ROOT, Stop, quietly

VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
STAMP = VENV / "installed.sha256"
RUN_LOCK, TEST_LOCK = ROOT / "requirements.txt", ROOT / "requirements-test.txt"


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def installed(lock: Path) -> bool:
    """Return whether .venv holds what `lock` names; the stamp is written last."""
    return STAMP.exists() and digest(lock) in STAMP.read_text().split()


def install(lock: Path) -> None:
    """Make .venv and install `lock` in it, without removing what a running site may use."""
    if not (VENV / "bin" / "pip").exists():
        if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
            raise Stop("Python's venv module is missing: apt-get install python3-venv")
        quietly("Making .venv", [sys.executable, "-m", "venv", "--without-pip", str(VENV)])
        # A step of its own, because venv would hide the reason of a failure.
        quietly("Putting pip in it", [PYTHON, "-m", "ensurepip", "--default-pip"])
    if installed(lock):
        return
    if STAMP.exists():
        STAMP.unlink()
    count = len(re.findall(r"^\S+==", lock.read_text(), re.MULTILINE))
    pip = ["-m", "pip", "install", "--no-input", "--retries", "2", "--disable-pip-version-check"]
    exact = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    quietly(f"Installing {count} packages", [PYTHON, *pip, *exact], dict(os.environ, PIP_USER="0"))
    stamp(lock)


def stamp(lock: Path) -> None:
    """Note that .venv now holds `lock`; the lock of the tests includes that of `run`."""
    locks = [RUN_LOCK, TEST_LOCK] if lock == TEST_LOCK else [lock]
    STAMP.write_text("\n".join(map(digest, locks)))
