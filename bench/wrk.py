"""wrk, the load tool: a plan is written for its script, and its figures are read."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from devtools.debian import find, tools_environment
from devtools.steps import Stop

SCRIPT = Path(__file__).with_name("lua") / "load.lua"


@dataclass
class Plan:
    """The requests to send; lua/load.lua reads it.

    `mix` says how many of a hundred requests are of which kind (read, poll, post, vote).
    `readers` and `writers` are members ({"cookie", "token"}); without readers the reading is a
    visitor's. `authors` holds the place of each comment's author among the writers, from 1.
    `offset` goes on from round to round, so that nothing is sent twice.
    """

    mix: dict[str, int]
    read: list[str] = field(default_factory=list)
    poll: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    readers: list[dict[str, str]] = field(default_factory=list)
    writers: list[dict[str, str]] = field(default_factory=list)
    post: str = ""
    vote: str = ""
    texts: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    authors: list[int] = field(default_factory=list)
    seed: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Load:
    """The measurements of wrk; times in ms, bytes with headers and all."""

    requests: int
    seconds: float
    bytes: int
    p50: float
    p99: float
    errors: int


def lua(value: Any) -> str:
    """Return a value of JSON's kinds as a Lua expression."""
    if isinstance(value, dict):
        return "{" + ",".join(f"[{lua(k)}]={lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ",".join(map(lua, value)) + "}"
    if isinstance(value, str):
        return '"' + "".join(f"\\{byte:03}" for byte in value.encode()) + '"'
    return str(value)


def run(url: str, plan: Plan, connections: int, seconds: float, folder: Path) -> Load:
    """Load the server at `url`; Stop when the tool is missing or fails."""
    program = find("wrk")
    if program is None:
        raise Stop("wrk is missing: start this as `python3 dev.py bench`, it fetches it.")
    file = folder / "plan.lua"
    file.write_text("return " + lua(asdict(plan)))
    command = [program, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", "10s", "--latency", "-s", SCRIPT, url, "--", file]
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, env=tools_environment(),
            timeout=seconds + 60,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Stop(f"The server at {url} kept the load tool waiting for a minute.") from None
    found = re.search(r"^RESULT (\{.+\})$", done.stdout, re.MULTILINE)
    if not found:
        raise Stop(f"wrk gave no figures for {url}: {done.stderr or done.stdout}")
    told = json.loads(found[1])
    return Load(
        told["requests"], told["us"] / 1e6, told["bytes"],
        told["p50"] / 1000, told["p99"] / 1000, told["status"] + told["broken"],
    )  # fmt: skip
