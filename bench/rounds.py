"""The rounds: every case on the site, on its floor and on nginx, one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from math import nan
from pathlib import Path
from typing import Any

import click

from bench import meter, wrk
from bench.cases.model import Arrivals, Floor, Result, Results, Sample, Single, Traffic
from bench.servers import Server
from bench.stage import Answer, Stage
from bench.wrk import Plan
from devtools.steps import ROOT, Stop

SINGLES = 10  # requests of a single case in one round
KEPT = ("content-type", "content-encoding", "cache-control", "vary")  # of a captured answer
QUICK = 3  # seconds of arrivals at a fixed rate, in a quick run
ANSWERS, LONGEST = 4, 8  # at least so many for each connection, in at most so many seconds
SPACE = 1_000  # numbers left free behind a load, for requests that were still on their way


def known(value: float) -> float | None:
    """Return a figure, or None when nothing was answered."""
    return value if value > 0 else None


def path_of(stage: Stage, case: Traffic) -> str:
    slug = case.article or stage.slug(case.size)
    return case.path.format(slug=slug, **stage.article(slug))


def capture(stage: Stage, cases: Iterable[Traffic | Single], folder: Path) -> None:
    """Keep what the site answers to each reading, for the floors to hand out."""
    cookie = {"Cookie": stage.members()[0]["cookie"]}
    for case in cases:
        if case.floor is not Floor.PAGE:
            continue
        if isinstance(case, Single):
            path, headers = case.address(stage, stage.slug(case.size), 0)
        else:
            path = path_of(stage, case)
            headers = case.headers | (cookie if case.signed_in else {})
        answer = stage.ask(stage.site, path, headers)
        told = {name: value for name, value in answer.headers.items() if name in KEPT}
        (folder / case.key).write_bytes(answer.body)
        (folder / f"{case.key}.json").write_text(
            json.dumps({"status": answer.status, "headers": told})
        )


@dataclass
class Rounds:
    """The cases that are measured, where, and for how long."""

    stage: Stage
    floor: Server
    nginx: Server
    seconds: float
    results: Results

    def measure(self, cases: Sequence[Traffic | Single | Arrivals], rounds: int) -> None:
        """All of `cases`, `rounds` times; each round visits every server."""
        steps: list[tuple[str, Callable[[], None]]] = []
        for number in range(rounds):
            for case in cases:
                label = f"round {number + 1} of {rounds}: {case.row} {case.key}"
                steps += [(label, step) for step in self._steps(case, number)]
        with click.progressbar(
            steps, label="Measuring", item_show_func=lambda step: step[0] if step else ""
        ) as bar:
            for _, step in bar:
                step()

    def _steps(self, case: Traffic | Single | Arrivals, number: int) -> list[Callable[[], None]]:
        stage = self.stage
        size = case.size or max(stage.sizes)
        result = self.results.setdefault(case.key, Result(case, size))
        if isinstance(case, Single):
            return [lambda: self.single(case, result), *self._bare_view(case, result)]
        if isinstance(case, Arrivals):
            return [lambda: result.add("site", self.arrivals(case, number))]
        steps = [lambda: self.traffic(case, result, "site", stage.site)]
        if case.floor:
            steps.append(lambda: self.traffic(case, result, "floor", self.floor))
        if case.nginx:
            steps.append(lambda: self.traffic(case, result, "nginx", self.nginx))
        # Whoever comes first meets a machine that something else has just left.
        return steps if number % 2 == 0 else steps[::-1]

    def _bare_view(self, case: Single, result: Result) -> list[Callable[[], None]]:
        """Return the load of the bare view with the bytes of a single case: its B."""
        if case.floor is not Floor.PAGE:
            return []
        load = Traffic(case.key, case.row, case.what, case.size)
        return [lambda: self.traffic(load, result, "floor", self.floor)]

    def traffic(self, case: Traffic, result: Result, target: str, server: Server) -> None:
        """One load of one server."""
        stage, own = self.stage, target == "site"
        plan = self._plan(case, own)
        first, wrong, seconds = Answer(0, {}, b""), 0, self.seconds * case.longer
        if "read" in case.mix:
            first, wrong, wall = self._first(case, server, plan)
            # Of a slow server some answers must come as well.
            seconds = max(seconds, min(LONGEST, ANSWERS * case.connections * wall))
        counted = [kind for kind in ("post", "vote") if case.mix == {kind: 100} and own]
        before = stage.stored(counted[0]) if counted else 0
        began = meter.cpu(server.pids)
        load = wrk.run(server.url, plan, case.connections, seconds, stage.folder)
        spent = meter.cpu(server.pids) - began
        stage.sent += load.requests + SPACE
        if counted:  # an acknowledged one that is not there; a vote may only have changed
            most = load.requests if counted == ["post"] else int(load.requests * 0.9)
            wrong += max(0, most - (stage.stored(counted[0]) - before))
        done = load.requests or nan
        more: dict[str, Any] = {"encoding": first.headers.get("content-encoding", "identity")}
        if more["encoding"] == "identity":
            more["comments"] = stage.count_comments(first.body.decode())
        result.add(target, Sample(
            rate=load.requests / load.seconds, cpu=known(spent / done * 1000),
            p50=known(load.p50), p99=known(load.p99), bytes=known(load.bytes / done),
            errors=load.errors + wrong, more=more,
        ))  # fmt: skip

    def _plan(self, case: Traffic, own: bool) -> Plan:
        """Return what is sent to the site, or to a floor instead."""
        stage = self.stage
        plan = Plan(mix=case.mix, headers=dict(case.headers), offset=stage.sent)
        plan.seed = f"b{time.monotonic_ns() // 1000}"
        slug = case.article or stage.slug(case.size)
        if "read" in case.mix:
            plan.read = [path_of(stage, case) if own else f"/page/{case.key}"]
        if "poll" in case.mix:
            now = stage.article(slug)
            plan.poll = [f"/articles/{now['id']}/new?since={now['publish_seq']}"]
        if case.signed_in:
            plan.readers = stage.members()
        if {"post", "vote"} & case.mix.keys():
            plan = replace(plan, **stage.write_plan(slug))
        if not own:
            plan.post = plan.vote = "/transaction"
        return plan

    def _first(self, case: Traffic, server: Server, plan: Plan) -> tuple[Answer, int, float]:
        """Ask twice before the load: the answer, 1 if the second one is not what the case
        measures, and the seconds that it took."""
        cookie = {"Cookie": plan.readers[0]["cookie"]} if plan.readers else {}
        answer = self.stage.ask(server, plan.read[0], plan.headers | cookie)
        if case.revalidated:
            plan.headers["If-None-Match"] = answer.headers.get("etag", "")
        began = time.perf_counter()
        again = self.stage.ask(server, plan.read[0], plan.headers | cookie)
        return answer, int(again.status != case.status), time.perf_counter() - began

    def arrivals(self, case: Arrivals, number: int) -> Sample:
        """Send requests at a fixed rate, by a process of its own."""
        stage, seconds = self.stage, QUICK if self.stage.quick else case.seconds
        load = Traffic(case.key, case.row, case.what, article=case.article, mix=case.rates)
        order = {
            "port": stage.site.port, "rates": case.rates, "seconds": seconds, "seed": number,
            "plan": asdict(self._plan(load, own=True)),
        }  # fmt: skip
        file = stage.folder / "order.json"
        file.write_text(json.dumps(order))
        before, began = stage.stored("post"), meter.cpu(stage.site.pids)
        done = subprocess.run(
            [sys.executable, "-m", "bench.arrivals", file], cwd=ROOT, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Stop(f"{done.stderr}\nThe client of arrivals failed; what it said stands above.")
        told = json.loads(done.stdout)
        kinds, spent = told["kinds"], meter.cpu(stage.site.pids) - began
        sent = sum(kind["requests"] for kind in kinds.values())
        stage.sent += sent + SPACE
        errors = sum(kind["errors"] for kind in kinds.values())
        if "post" in kinds:  # an acknowledged one that is not there
            said = kinds["post"]["requests"] - kinds["post"]["errors"]
            errors += max(0, said - (stage.stored("post") - before))
        shown = kinds[case.shown]
        return Sample(
            rate=sent / seconds, cpu=known(spent / sent * 1000), p50=shown["p50"],
            p99=shown["p99"], errors=errors, more=told,
        )  # fmt: skip

    def single(self, case: Single, result: Result) -> None:
        """Single requests, each after a change, with what the change itself costs left out.

        What the engine does for each, where that is the floor, is asked of it alone.
        """
        stage = self.stage
        slug = stage.slug(case.size)
        spent, walls, size, wrong, shown, alone = 0.0, [], 0, 0, 0, 0.0
        for _ in range(SINGLES):
            stage.change(slug)
            if case.bare:
                alone += stage.measure_own(case.bare(stage, slug, stage.asked))
            path, headers = case.address(stage, slug, stage.asked)
            stage.asked += 1
            before, began = meter.exact_cpu(stage.site.pids), time.perf_counter()
            answer = stage.ask(stage.site, path, headers)
            walls.append((time.perf_counter() - began) * 1000)
            spent += max(0.0, meter.exact_cpu(stage.site.pids) - before)
            size, wrong = len(answer.body), wrong + (answer.status != 200)
            shown += stage.count_comments(answer.body.decode())
        walls.sort()
        if case.bare:
            result.add("floor", Sample(cpu=known(alone / SINGLES * 1000)))
        result.add("site", Sample(
            cpu=spent / SINGLES * 1000, p50=walls[len(walls) // 2], p99=walls[-1], bytes=size,
            errors=wrong, more={"comments": shown / SINGLES},
        ))  # fmt: skip
