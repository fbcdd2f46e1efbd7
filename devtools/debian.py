"""Chromium, PostgreSQL and Redis for the tests, from Debian's packages.

`python -m devtools.debian [pytest arguments]` fetches what is missing and then executes pytest,
in an environment in which the fetched programs find their libraries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from devtools.steps import ROOT, Stop, guarded, quietly

TOOLS = ROOT / ".cache" / "debian"
# What the tests need besides Python: Debian's package, and a file of it.
NEEDED = {
    "chromium-headless-shell": "usr/lib/chromium/chromium-headless-shell",
    "postgresql": "usr/lib/postgresql/*/bin/postgres",
    "redis-server": "usr/bin/redis-server",
    "libatomic1": "usr/lib/*/libatomic.so.1",
    "fonts-liberation": "usr/share/fonts/truetype/liberation*/LiberationSans-Regular.ttf",
    "nginx": "usr/sbin/nginx",
    "libfaketime": "usr/lib/*/faketime/libfaketimeMT.so.1",
    "openssl": "usr/bin/openssl",
}
# What the benchmark needs in addition to nginx.
MEASURING = {"wrk": "usr/bin/wrk"}
# Only unpacked, never installed: Debian would start an installed nginx.
_ASIDE = frozenset({"nginx", "wrk"})


def find(package: str) -> Path | None:
    """Return the file of one of NEEDED or MEASURING, in the system or unpacked, or None."""
    file = (NEEDED | MEASURING)[package]
    paths = [path for root in (TOOLS, Path("/")) for path in sorted(root.glob(file))]
    return paths[-1] if paths else None


def missing_of(packages: Iterable[str], whose: str) -> list[str]:
    """Return those of `packages` that are missing; raises Stop if there is no apt-get either."""
    missing = [package for package in packages if not find(package)]
    if missing and not shutil.which("apt-get"):
        files = ", ".join("/" + (NEEDED | MEASURING)[package] for package in missing)
        raise Stop(f"{whose} needs {', '.join(missing)}; without apt-get, provide: {files}")
    return missing


def fetch_tools(packages: Iterable[str] = NEEDED, whose: str = "The test run") -> None:
    """Install what is missing of `packages` as root or with sudo -n; else only unpack it."""
    missing = missing_of(packages, whose)
    aside = [package for package in missing if package in _ASIDE]
    if aside:
        unpack(aside)
        missing = missing_of(packages, whose)
    if not missing:
        return
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if os.geteuid() != 0:
        ask = ["sudo", "-n", "true"]
        if not shutil.which("sudo") or subprocess.call(ask, stderr=subprocess.DEVNULL):
            unpack(missing)
            return
        apt = ["sudo", "-n", *apt]
    quietly("Reading Debian's package lists", [*apt, "update"])
    what = ["install", "-y", "--no-install-recommends", *missing]
    quietly(f"Installing {', '.join(missing)}", [*apt, *what])


def unpack(missing: list[str]) -> None:
    """Download `missing` with their dependencies and add them to .cache/debian."""
    work, fresh = TOOLS.parent / "apt", TOOLS.parent / "debian.new"
    for folder in (work, fresh):
        shutil.rmtree(folder, ignore_errors=True)
    if TOOLS.exists():
        shutil.copytree(TOOLS, fresh, symlinks=True, copy_function=os.link)
    for folder in (fresh, work / "state/lists/partial", work / "cache/archives/partial"):
        folder.mkdir(parents=True, exist_ok=True)
    options = [
        f"Dir::State={work}/state", "Dir::State::status=/var/lib/dpkg/status",
        f"Dir::Cache={work}/cache", "Debug::NoLocking=1", "APT::Sandbox::User=",
    ]  # fmt: skip
    apt = ["apt-get", *(part for option in options for part in ("-o", option))]
    quietly("Reading Debian's package lists", [*apt, "update"])
    what = ["install", "-y", "--download-only", "--no-install-recommends", *missing]
    quietly(f"Downloading {', '.join(missing)}", [*apt, *what])
    shell = 'for deb in "$0"/*.deb; do dpkg-deb -x "$deb" "$1" || exit 1; done'
    archives = str(work / "cache/archives")
    quietly("Unpacking them in .cache/debian", ["sh", "-c", shell, archives, str(fresh)])
    fonts = "".join(f"<dir>{root}/usr/share/fonts</dir>" for root in (TOOLS, ""))
    cache = f"<cachedir>{TOOLS.parent}/fonts</cachedir>"
    (fresh / "fonts.conf").unlink(missing_ok=True)
    (fresh / "fonts.conf").write_text(f"<fontconfig>{fonts}{cache}</fontconfig>")
    shutil.rmtree(TOOLS, ignore_errors=True)
    fresh.rename(TOOLS)
    shutil.rmtree(work)


def tools_environment() -> dict[str, str]:
    """Return the environment in which unpacked tools find their libraries and fonts."""
    if not TOOLS.exists():
        return dict(os.environ)
    folders = ":".join(sorted({str(path.parent) for path in TOOLS.rglob("lib*.so*")}))
    fonts = str(TOOLS / "fonts.conf")
    return dict(os.environ, LD_LIBRARY_PATH=folders, FONTCONFIG_FILE=fonts)


def pytest(arguments: list[str]) -> int:
    """Replace this process by pytest, with all that the tests need in place."""
    fetch_tools()
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], tools_environment())


if __name__ == "__main__":
    sys.exit(guarded(pytest, sys.argv[1:]))
