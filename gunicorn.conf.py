"""The production server's settings; gunicorn reads this file by itself.

From the environment: BOTBEAT_BIND (address:port or unix:/path), BOTBEAT_WORKERS (more than one
needs BOTBEAT_REDIS_URL) and FORWARDED_ALLOW_IPS (the proxies whose headers gunicorn trusts).
"""

import gc
import os
import resource
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gevent
from gunicorn import util


def _workers(environ: Mapping[str, str]) -> int:
    """Return the number of worker processes; raises SystemExit with a sentence if it is wrong."""
    value = environ.get("BOTBEAT_WORKERS", "1")
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 64:
        raise SystemExit(f"BOTBEAT_WORKERS is {value!r}: set it to a number from 1 to 64.")
    # In-process rate limits and caches are exact in one process only.
    if int(value) > 1 and not environ.get("BOTBEAT_REDIS_URL"):
        raise SystemExit(
            f"BOTBEAT_WORKERS is {value}, but rate limits and caches are shared between workers "
            "through Redis only: set BOTBEAT_REDIS_URL as well, or BOTBEAT_WORKERS to 1."
        )
    return int(value)


def _allow_open_files(wanted: int) -> None:
    """Raise the soft limit of open files, for Debian's 1,024 is less than the connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _check_settings() -> dict[str, Any]:
    """Return the settings; a wrong one ends the process with a sentence before a worker starts.

    The module is run by its path, because the app itself must be imported after gevent's patches.
    """
    path = Path(__file__).resolve().parent / "app" / "config.py"
    settings: dict[str, Any] = runpy.run_path(str(path))["load_config"]()
    return settings


_SETTINGS = _check_settings()
bind = os.environ.get("BOTBEAT_BIND", "127.0.0.1:8000")
workers = _workers(os.environ)

# A slow client occupies a greenlet; with threads, sixty slow clients would block the site.
worker_class = "gevent"
worker_connections = 1000
_allow_open_files(4 * worker_connections)

timeout = 60
graceful_timeout = 20
keepalive = 5  # also the seconds that a request line and its headers may take


def post_request(worker: object, req: object, environ: object, resp: object) -> None:
    """Let the other connections have their turn.

    gunicorn reads the next request of the same connection at once and without a switch if it has
    arrived already, so that a fast client would make all others wait. An idle watcher of the
    highest priority runs once in each round of the loop, after the loop has looked for input;
    sleep(0) may return up to fifty times before the loop does so.
    """
    gevent.idle(gevent.get_hub().loop.MAXPRI)


def post_worker_init(worker: object) -> None:
    """Exempt what was loaded by now from garbage collection, as it stays for good."""
    gc.collect()
    gc.freeze()
    util.write_error = _write_error


def _write_error(sock: Any, status: int, reason: str, _message: str) -> None:
    """Answer a request that gunicorn cannot parse.

    gunicorn's own answer has no security headers and repeats the bad input.
    """
    from app.web.headers import write_refusal  # noqa: PLC0415 - after gevent's patches only

    util.write_nonblock(sock, write_refusal(status, reason, _SETTINGS["PRODUCTION"]))


limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Updates of the heartbeat file must not wait for a disk.
if os.path.isdir("/dev/shm"):  # noqa: PTH112, S108 - a file system in memory, files made privately
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# All servers of one user would share its default path, and nothing here uses it.
control_socket_disable = True

# The application knows its proxies (BOTBEAT_PROXY_HOPS); gunicorn trusts none by default.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")

# The application logs requests itself, with their ids; gunicorn's own messages go to stderr.
accesslog = None
errorlog = "-"
