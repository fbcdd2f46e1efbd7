"""What a tree of processes costs: CPU time and memory, from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def tree(roots: Iterable[int]) -> list[int]:
    """Return the processes `roots` and all that descend from them."""
    children = defaultdict(list)
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children[int(fields[1])].append(int(folder.name))
    found, waiting = [], list(roots)
    while waiting:
        found.append(pid := waiting.pop())
        waiting += children[pid]
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none when the process has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def cpu(roots: Iterable[int]) -> float:
    """Seconds of CPU, user and system, that the trees have used, their ended children's too."""
    spent = 0
    for pid in tree(roots):
        if fields := _stat(pid):
            spent += sum(int(value) for value in fields[11:15])
    return spent / _TICK


def exact_cpu(roots: Iterable[int], without: int = 0) -> float:
    """Return the same to the nanosecond, for short work in which no process ends.

    The process `without` does not count, but those that descend from it do.
    """
    spent = 0
    for pid in tree(roots):
        if pid == without:
            continue
        for file in (_PROC / str(pid)).glob("task/*/schedstat"):
            try:
                spent += int(file.read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return spent / 1e9


def pss(roots: Iterable[int]) -> int:
    """Bytes of memory that the trees hold, shared pages by their share."""
    total = 0
    for pid in tree(roots):
        try:
            lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total * 1024
