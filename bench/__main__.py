"""The benchmark: the site as in production beside what its bytes cost, in one run.

The floors are a bare Flask view that returns the same bytes with an ETag and a bare
transaction, both under the site's own gunicorn settings, and nginx with the file. Every round
visits all of them; the table shows medians. B is the CPU of the bare view and T that of the bare
transaction, the units of the goals. How long people wait is measured at a fixed rate of requests
(arrivals.py), by a process of its own. CPU is that of the server's whole process tree,
user and system, PostgreSQL's processes included; the ratio to the floor is made of it, because
it is steadier than requests a second when other work shares the machine. What is written is
asked for as HTMX asks. The rate limits are off, all else is production's.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib
import json
import os
import platform
import shutil
import signal
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import select

from app import create_app
from app.accounts.models import User
from app.articles.models import Article
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from bench import databases, floor, meter, plot, rounds, servers, table
from bench.cases import fresh, once, reading, writing
from bench.cases.model import (
    QUICK_SIZES,
    SIZES,
    Arrivals,
    Result,
    Results,
    Sample,
    Single,
    Target,
    Traffic,
    Verdict,
)
from bench.peers import Said, Serving
from bench.site import kept
from bench.stage import Stage
from devtools.steps import ROOT, Stop, guarded
from tests.services import own_environment

CACHE = ROOT / ".cache" / "bench"
GROUPS = (reading, fresh, writing, once)
PEERS = sorted(file.stem for file in (Path(__file__).parent / "peers").glob("[a-z]*.py"))
ROUNDS, SECONDS = 5, 2
POSTS = 30  # to a peer


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one round of 1 s, small threads")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--peer", choices=PEERS, action="append", default=[], help="compare with")
    parser.add_argument("--rounds", type=int, help=f"how many (default: {ROUNDS})")
    parser.add_argument("--seconds", type=int, help=f"of one load (default: {SECONDS})")
    parser.add_argument("--only", default="", help="rows, as in S1,S6 (default: all)")
    return parser.parse_args(arguments)


def settings(run: Path) -> dict[str, str]:
    """Return the site's environment: production's, at an address of this machine."""
    return {
        "BOTBEAT_ENV": "production",
        "BOTBEAT_SECRET_KEY": "a key of the benchmark, which guards nothing",
        "BOTBEAT_SITE_URL": "https://127.0.0.1",
        "BOTBEAT_TRUSTED_HOSTS": "127.0.0.1",
        "BOTBEAT_PROXY_HOPS": "none",  # wrk asks gunicorn itself
        "BOTBEAT_INSTANCE": str(run),
    }


def databases_of(stack: ExitStack, chosen: argparse.Namespace, run: Path, env: dict[str, str],
                 sizes: list[int]) -> tuple[int, ...]:  # fmt: skip
    """Make the site's database and the floor's, name them in `env`; the engine's processes."""
    if chosen.engine == "sqlite":
        env["BOTBEAT_DATABASE_URL"] = kept.sqlite(CACHE, run, env, sizes)
        env["BENCH_FLOOR_DATABASE"] = f"sqlite:///{run / 'floor.sqlite3'}"
        return ()
    server = stack.enter_context(databases.postgresql(CACHE))
    env["BOTBEAT_DATABASE_URL"] = kept.postgresql(server, run, env, sizes)
    server.make("floor")
    env["BENCH_FLOOR_DATABASE"] = server.url("floor")
    return (server.pid,)


def wanted(rows: str, sizes: list[int]) -> list[Any]:
    """Return the cases of the chosen rows whose threads exist."""
    chosen = {row.strip().upper() for row in rows.split(",") if row.strip()}
    return [
        case
        for group in GROUPS
        for case in group.CASES
        if (not chosen or case.row in chosen) and case.size in (*sizes, 0)
    ]


def compare(stage: Stage, results: Results, names: list[str]) -> None:
    """Ask each peer for the whole of the same thread, and post below it, one after the other."""
    size, writing_one = 1_000, writing.CASES[0]
    reads = results.setdefault(f"anonymous-{size}", Result(reading.CASES[1], size))
    posts = results.setdefault(writing_one.key, Result(writing_one, size))
    for name in names:
        module: Any = importlib.import_module(f"bench.peers.{name}")
        folder = stage.folder / name
        folder.mkdir()
        with module.serve(CACHE, folder, thread(stage, size)) as peer:
            for _ in range(1 if stage.quick else 3):
                reads.add(name, ask_peer(stage, peer, peer.path))
            for number in range(POSTS):
                headers, body = peer.write(f"{stage.texts[number]} {number}")
                posts.add(name, ask_peer(stage, peer, peer.post, headers, body))


def ask_peer(
    stage: Stage, peer: Serving, path: str, headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Sample:  # fmt: skip
    """Ask a peer once, and return what it cost."""
    before, began = meter.exact_cpu(peer.server.pids), time.perf_counter()
    answer = stage.ask(peer.server, path, headers, body)
    wall = time.perf_counter() - began
    spent = (meter.exact_cpu(peer.server.pids) - before) * 1000
    wrong = int(answer.status not in (200, 201))
    shown = {"comments": peer.count(answer.body)} if body is None else {}
    return Sample(1 / wall, spent, wall * 1000, None, len(answer.body), wrong, shown)


def beside(name: str) -> Target:
    """Return the row that tells what a peer takes for the same; there is no goal in it."""

    def judge(results: Results) -> Verdict | None:
        page, member, post = (
            results.get(key) for key in ("anonymous-1000", "member-1000", writing.CASES[0].key)
        )
        if not page or not post or name not in page.samples:
            return None
        ours = [table.number(r.each() if r else None) for r in (page, member)]
        theirs = table.number(page.each(name))
        words = f"{ours[0]} us signed out and {ours[1]} signed in, {name} {theirs}; "
        words += f"{table.number(post.of('cpu'))} ms, {name} {table.number(post.of('cpu', name))}"
        return Verdict(words, None)

    return Target("peers", f"CPU of a comment shown; of a post, beside {name}", judge)


def thread(stage: Stage, size: int) -> list[Said]:
    """Return the published comments of a thread, as peers are loaded with them."""
    query = (
        select(Comment.id, Comment.parent_id, Comment.root_id, User.name, Comment.created_at,
               Comment.body)
        .join(User, User.id == Comment.author_id)
        .join(Article, Article.id == Comment.article_id)
        .where(Article.slug == stage.slug(size), Comment.status == CommentStatus.PUBLISHED)
        .order_by(Comment.id)
    )  # fmt: skip
    with stage.app.app_context():
        return [Said(*row) for row in db.session.execute(query)]


def measure(chosen: argparse.Namespace, stack: ExitStack) -> tuple[Results, dict[str, Any]]:
    """Start everything, run the rounds, then what is done once."""
    sizes = list(QUICK_SIZES if chosen.quick else SIZES)
    run = CACHE / "run"
    shutil.rmtree(run, ignore_errors=True)
    (run / "pages").mkdir(parents=True)
    env = settings(run)
    processes = databases_of(stack, chosen, run, env, sizes)
    env["BENCH_FLOOR"] = str(run / "pages")
    floor.prepare(env["BENCH_FLOOR_DATABASE"])
    whole = own_environment(env)
    with mock.patch.dict("os.environ", whole, clear=True):
        app = create_app()
    site = stack.enter_context(
        servers.gunicorn("The site", "bench.served:app", env, run / "site.log", processes)
    )
    stage = Stage(app, site, whole, run, sizes, chosen.quick)
    stage.open_sessions()
    cases = wanted(chosen.only, sizes)
    loads = [case for case in cases if isinstance(case, Traffic | Single)]
    rounds.capture(stage, loads, run / "pages")
    bare = stack.enter_context(
        servers.gunicorn("The floor", "bench.floor:app", env, run / "floor.log", processes)
    )
    files = stack.enter_context(servers.nginx(run / "pages", run))
    results: Results = {}
    times = chosen.rounds or (1 if chosen.quick else ROUNDS)
    seconds = chosen.seconds or (1 if chosen.quick else SECONDS)
    repeated = [case for case in cases if isinstance(case, Traffic | Single | Arrivals)]
    rounds.Rounds(stage, bare, files, seconds, results).measure(repeated, times)
    if chosen.peer:
        compare(stage, results, chosen.peer)
    for case in cases:
        if not isinstance(case, Traffic | Single | Arrivals):
            results[case.key] = Result(case, max(sizes), {"site": [case.run(stage)]})
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "engine": chosen.engine,
        "quick": chosen.quick, "rounds": times, "seconds": seconds, "cores": os.cpu_count(),
        "machine": platform.machine(), "system": platform.platform(),
        "python": platform.python_version(), "load": os.getloadavg(), "peers": chosen.peer,
    }  # fmt: skip
    return results, facts


def report(results: Results, facts: dict[str, Any]) -> None:
    """Print both tables, and write the run and its drawing beside each other."""
    targets = [target for group in GROUPS for target in group.list_targets(facts["engine"])]
    targets += [beside(peer) for peer in facts["peers"]]
    print("\n" + table.drawn(table.HEAD, table.figures(results), 2))
    print("\n" + table.drawn(("row", "", "wanted", "found"), table.verdicts(results, targets), 9))
    folder = CACHE / "results"
    folder.mkdir(exist_ok=True)
    name = f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}-{facts['engine']}{'-quick' * facts['quick']}"
    told = json.dumps(table.as_json(results, targets, facts), indent=1)
    (folder / f"{name}.json").write_text(told + "\n")
    title = f"Cost of a page by the size of its thread ({facts['engine']}, {facts['at'][:10]})"
    if drawing := plot.svg(results, title):
        (folder / f"{name}.svg").write_text(drawing)
    print(f"\nThe run: {(folder / name).relative_to(ROOT)}.json, and its drawing beside it (.svg)")


def bench(arguments: list[str]) -> int:
    """Do what the arguments ask for; whatever was started is stopped."""
    chosen = options(arguments)
    CACHE.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        lock = stack.enter_context((CACHE / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop("A benchmark runs already: wait for it, or stop it first.") from None
        try:
            results, facts = measure(chosen, stack)
        except BaseException as reason:
            # What was started is stopped below, whatever further signals come.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if isinstance(reason, KeyboardInterrupt):  # dev.py says that it was stopped
                return 130
            raise
    report(results, facts)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(bench, sys.argv[1:]))
