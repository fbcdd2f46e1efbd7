"""The benchmark with its tools in place.

`python -m devtools.bench [arguments]` fetches wrk and nginx (and PostgreSQL if an argument names
it) and then executes bench/, in an environment in which they find their libraries.
"""

from __future__ import annotations

import os
import sys

from devtools.debian import MEASURING, fetch_tools, tools_environment
from devtools.static import compress
from devtools.steps import ROOT, guarded


def bench(arguments: list[str]) -> int:
    """Replace this process by the benchmark, with its tools unless it prints its help."""
    if not {"-h", "--help"} & set(arguments):
        engines = [name for name in ("postgresql",) if any(name in word for word in arguments)]
        fetch_tools([*MEASURING, "nginx", *engines], "The benchmark")
        compress()
    os.chdir(ROOT)
    command = [sys.executable, "-m", "bench", *arguments]
    os.execve(sys.executable, command, tools_environment())


if __name__ == "__main__":
    sys.exit(guarded(bench, sys.argv[1:]))
