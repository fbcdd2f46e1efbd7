"""The server that `run` starts: its port, its data folder, its start and its complete end."""

from __future__ import annotations

import collections
import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from devtools.packages import PYTHON
from devtools.steps import ROOT, Stop, remedy


def data_folder() -> Path:
    """Return the folder of the site's data, made if need be; raises Stop if it is not writable."""
    folder = Path(os.environ.get("BOTBEAT_INSTANCE") or ROOT / "instance").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"writable")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Stop(
            f"The data folder {folder} cannot be written ({os.strerror(error.errno or 0)}): set "
            "BOTBEAT_INSTANCE to a folder of yours, for example "
            "BOTBEAT_INSTANCE=~/botbeat-data python3 dev.py run"
        ) from None
    return folder


def claim_port(value: str) -> socket.socket:
    """Return a socket that listens at port `value` of 127.0.0.1; raises Stop with the reason.

    The port is claimed before the long work and handed to the server, so that nobody else gets
    it meanwhile.
    """
    port = int(value) if value.isascii() and value.isdigit() else 0
    if not 1 <= port <= 65535:
        raise Stop(f"{value!r} is not a port: give a number from 1024 to 65535, as in --port 8001")
    claimed = socket.socket()
    claimed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        claimed.bind(("127.0.0.1", port))
        claimed.listen()
    except OSError as error:
        claimed.close()
        if isinstance(error, PermissionError):
            text = f"Port {port} is for root alone: choose one above 1023, as in --port 8000"
        else:
            text = (
                f"Port {port} is taken by another program, perhaps by a BotBeat that already "
                f"runs. Choose another one: python3 dev.py run --port {port % 65535 + 1}"
            )
        raise Stop(text) from None
    return claimed


def serve(env: dict[str, str], listener: socket.socket, welcome: str) -> None:
    """Run gunicorn in a process group of its own until a signal, then end the whole group."""
    port, descriptor = listener.getsockname()[1], listener.fileno()
    began = time.monotonic()
    command = [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--log-level", "warning"]
    server = subprocess.Popen(
        [*command, "wsgi:app"], cwd=ROOT, env=dict(env, BOTBEAT_BIND=f"fd://{descriptor}"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", start_new_session=True, pass_fds=[descriptor],
    )  # fmt: skip
    listener.close()
    last: collections.deque[str] = collections.deque(maxlen=25)
    echo = threading.Thread(target=_echo, args=(server.stdout, last), daemon=True)
    echo.start()
    try:
        while server.poll() is None and not answers(port):
            if time.monotonic() - began > 60:
                raise Stop("The site gave no answer in 60 seconds; what it said stands above.")
            time.sleep(0.1)
        if server.poll() is None:
            print(welcome, flush=True)
            server.wait()
        echo.join(5)
        code = server.returncode
        ended = f"The server ended by itself (exit code {code}); its last lines stand above."
        raise Stop(remedy("".join(last)) or ended)
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(server)


def _echo(lines: Iterable[str], last: collections.deque[str]) -> None:
    for line in lines:
        last.append(line)
        with contextlib.suppress(OSError):  # a closed terminal must not block the server's output
            print(line, end="", flush=True)


def stop(server: subprocess.Popen[str]) -> None:
    """Terminate the server, if need be with SIGKILL, and all of its process group."""
    for number in (signal.SIGTERM, signal.SIGQUIT):
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.send_signal(number)
            server.wait(timeout=3)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether the site on 127.0.0.1:`port` answers for `host`, without any proxy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
