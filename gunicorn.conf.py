"""The production server's settings; gunicorn reads this file by itself.

From the environment: BOTBEAT_BIND (address:port or unix:/path), BOTBEAT_WORKERS (more than one
needs BOTBEAT_REDIS_URL) and FORWARDED_ALLOW_IPS (the proxies whose headers gunicorn believes).
"""

import gc
import importlib.util
import os
import resource
from collections.abc import Mapping
from pathlib import Path


def _workers(environ: Mapping[str, str]) -> int:
    """The number of worker processes; ends the start with a sentence when it cannot be right."""
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


def _check_settings() -> None:
    """Say what is wrong with the settings before a worker starts, once and in a sentence.

    The module is loaded by its path: the app itself must come after gevent's patches.
    """
    path = Path(__file__).resolve().parent / "app" / "config.py"
    spec = importlib.util.spec_from_file_location("botbeat_settings", path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.load()


_check_settings()
bind = os.environ.get("BOTBEAT_BIND", "127.0.0.1:8000")
workers = _workers(os.environ)

# A slow client costs a greenlet here; with threads sixty of them stop the site.
worker_class = "gevent"
worker_connections = 1000
_allow_open_files(4 * worker_connections)

timeout = 60
graceful_timeout = 20
keepalive = 5  # also the seconds that a request line and its headers may take


def post_worker_init(worker: object) -> None:
    """What was loaded for good is never looked through for garbage again."""
    gc.collect()
    gc.freeze()


limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# The heartbeat file must not wait for a disk.
if os.path.isdir("/dev/shm"):  # noqa: PTH112, S108 - a file system in memory, files made privately
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# Its default path is shared by all servers of one user, and nothing here uses it.
control_socket_disable = True

# The application knows its proxies (BOTBEAT_PROXY_HOPS); gunicorn trusts nobody unless told.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")

# The application logs requests itself, with their ids; gunicorn's own messages go to stderr.
accesslog = None
errorlog = "-"
