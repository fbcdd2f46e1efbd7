"""One step of a command: run a program, show how long it takes, explain why it failed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DISK_FULL = (
    "The disk is full: free some space where {root} lies (`run` needs about 0.3 GB, `test` up to "
    "2 GB) and in {tmp}, then start this again."
)
NOT_WRITABLE = (
    "This user may not write where it must: make the folder yours "
    '(sudo chown -R "$USER" {root}), or clone into a folder that is.'
)
REMEDIES = (
    (r"No space left on device|Errno 28\b|disk quota exceeded|disk is full", DISK_FULL),
    (
        r"DO NOT MATCH THE HASHES|Hash Sum mismatch",
        "A fetched file is not the one that the lock names: start this again, and if it happens "
        "again ask whoever runs the package mirror; nothing of that file was installed.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|Read ?timed ?out|ReadTimeout|Max retries exceeded|"
        r"ProxyError|SSLError|Network is unreachable|Connection (refused|reset|timed out|broken)|"
        r"name resolution|getaddrinfo|Could ?n.t resolve|Temporary failure resolving|"
        r"Failed to fetch|Could not connect",
        "The packages could not be fetched: check the network connection, a proxy "
        "(HTTPS_PROXY) and pip's or apt's own settings, then start this again.",
    ),
    (
        r"No matching distribution found|Could not find a version",
        "A package has no ready-made build for this Python or this machine: use CPython 3.11 to "
        "3.13 on Linux (x86-64 or ARM64), and check that pip's index carries it.",
    ),
    (r"Permission denied|Read-only file system", NOT_WRITABLE),
)


class Stop(Exception):
    """The end of a command, with a sentence that names what is missing and the remedy."""


def remedy(output: str) -> str:
    """Return the sentence for a known reason in a program's output, or an empty text."""
    for pattern, text in REMEDIES:
        if re.search(pattern, output, re.IGNORECASE):
            return text.format(root=ROOT, tmp=tempfile.gettempdir())
    return ""


def sentence(error: OSError) -> str:
    """Return the sentence about an error of the operating system, with its remedy if known."""
    reason = os.strerror(error.errno or 0)
    return f"{reason}: {error.filename or 'while writing'}. {remedy(reason)}".rstrip()


def quietly(
    text: str, command: list[str], env: dict[str, str] | None = None, shown: bool = False
) -> None:
    """Run `command` behind one line with `text` and the seconds; raises Stop when it fails.

    Its output is printed only in that case; with `shown` its standard output is always printed.
    """
    began, live = time.monotonic(), sys.stdout.isatty() and not shown
    print(f"{text} … ", end="\n" if shown else "", flush=True)
    out, err = (None, subprocess.PIPE) if shown else (subprocess.PIPE, subprocess.STDOUT)
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        text=True, errors="replace",
    )  # fmt: skip
    try:
        while True:
            try:
                output = "".join(filter(None, process.communicate(timeout=1)))
                break
            except subprocess.TimeoutExpired:
                if live:
                    print(f"\r{text} … {time.monotonic() - began:.0f} s ", end="", flush=True)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    again = "… done in " if shown else f"\r{text} … " if live else ""
    print(f"{again}{time.monotonic() - began:.1f} s", flush=True)
    if process.returncode:
        raise Stop(failure(text, output, process.returncode))


def failure(text: str, output: str, code: int) -> str:
    """Return the message for a failed step: a remedy and its reason, or the end of the output."""
    lines = [line for line in output.splitlines() if line.strip()]
    advice = remedy(output)
    if advice:
        reason = [line.strip()[:300] for line in lines if remedy(line) == advice]
        return "\n".join([*reason[-1:], advice])
    return "\n".join([*lines[-25:], f"{text}: failed with exit code {code}; its end stands above."])


def visibly(command: list[str], env: dict[str, str] | None = None) -> int:
    """Run `command` with its output visible and return its exit code."""
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        return process.wait()
    except KeyboardInterrupt as interrupt:
        # A terminal's Ctrl-C reached the program as well; a second one would abort its shutdown.
        if interrupt.args == (signal.SIGINT,) and _is_at_terminal():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def _is_at_terminal() -> bool:
    """Return whether a Ctrl-C at the terminal reaches this process, and so its children."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


def _interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(number)


def guarded(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Run `command`, and print a sentence instead of a traceback for what people can remedy."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupt)
    try:
        return command(arguments)
    except Stop as stop:
        problem = str(stop)
    except OSError as error:
        problem = sentence(error)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
    print("\n" + problem, file=sys.stderr)
    return 1
