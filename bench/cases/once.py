"""S10 to S12: memory after many pages, importing, and what a page weighs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import click

from app.imports.cleaning import count_processes
from bench import meter
from bench.cases.model import TIME, Once, Result, Results, Sample, Target, Verdict, at_most
from bench.site import shape, words
from devtools.steps import ROOT, Stop
from tests.web.assets import assets

if TYPE_CHECKING:
    from bench.stage import Stage

MB = 1_000_000
MEMORY = 300  # MB for the whole tree
GROWS = 1.05  # by which the second half of the pages may raise it
IMPORTED = 1_500  # comments a second on two cores
CPU = 900  # us a comment
SMALL, LARGE = 10_000, 100_000  # comments of both files: each is enough for several processes
QUICK_SMALL, QUICK_LARGE = 1_000, 4_000  # too few, for the start of several would be measured
LOOK = 0.25  # seconds between two looks at the memory
BUDGET = {"html": 30, "css": 14, "js": 22, "font": 70}  # KB
REQUESTS = 12
READERS = 8


# -- S10 -----------------------------------------------------------------------------------------


def memory(stage: Stage) -> Sample:
    """PSS of the site's processes before, halfway and after so many different pages."""
    number = 500 if stage.quick else 10_000
    slug = stage.slug(max(stage.sizes))
    paths = [f"/articles/{slug}?c={stage.spread(slug, False, n, number)}" for n in range(number)]
    levels, roots = [meter.pss(stage.site.pids[:1])], stage.site.pids[:1]
    began, wrong = meter.cpu(stage.site.pids), 0
    with (
        ThreadPoolExecutor(READERS) as readers,
        click.progressbar(length=number, label=f"Reading {number:,} different pages") as bar,
    ):
        for half in (paths[: number // 2], paths[number // 2 :]):
            for answer in readers.map(lambda path: stage.ask(stage.site, path), half):
                wrong += answer.status != 200
                bar.update(1)
            levels.append(meter.pss(roots))
    cost = (meter.cpu(stage.site.pids) - began) / number * 1000
    return Sample(cpu=cost, errors=wrong, more={"pss": levels, "pages": number})


def _memory(results: Results) -> Verdict | None:
    if "memory" not in results or not (levels := results["memory"].more("pss")):
        return None
    grown = levels[2] / levels[1]
    errors = results["memory"].errors()
    words = f"{levels[2] / MB:.0f} MB; {grown:.2f} of what it was halfway"
    words += f"; {errors} errors" * bool(errors)
    return Verdict(words, levels[2] <= MEMORY * MB and grown <= GROWS and not errors)


# -- S11 -----------------------------------------------------------------------------------------


def importing(stage: Stage) -> Sample:
    """Comments a second, the CPU of each, and the most memory, for a small and a large file.

    What the larger one takes more is told, so that the start of the command is no part of it.
    """
    numbers = (QUICK_SMALL, QUICK_LARGE) if stage.quick else (SMALL, LARGE)
    small = _import(stage, "import-small", numbers[0])
    large = _import(stage, "import", numbers[1])
    more = {
        "comments": numbers, "peaks": [small.peak, large.peak],
        "seconds": [small.seconds, large.seconds], "processes": count_processes(numbers[0]),
    }  # fmt: skip
    number, seconds = numbers[1] - numbers[0], large.seconds - small.seconds
    return Sample(
        # On a machine that is busy at the wrong moment, a few more comments may take no more time.
        rate=number / seconds if seconds > 0 else None,
        cpu=(large.cpu - small.cpu) / number * 1000,
        more=more,
    )


class Import(NamedTuple):
    """The cost of an import: seconds, those of CPU of all its processes, and bytes (PSS)."""

    seconds: float
    cpu: float
    peak: int


def _import(stage: Stage, slug: str, number: int) -> Import:
    """Return the cost of `flask comments import` for a file of `number` comments."""
    made, texts = shape.thread(number, 5), words.pool(400, seed=5)
    comments = [
        {
            "id": f"e{place}",
            "parent_id": None if made.parents[place] is None else f"e{made.parents[place]}",
            "author": f"writer {place % 977}",
            "created_at": f"2026-0{1 + place % 9}-01T12:00:00Z",
            "text": texts[place % len(texts)],
            "score": place % 7,
        }
        for place in range(number)
    ]
    file = stage.folder / f"{slug}.json"
    file.write_text(json.dumps({"source": "bench", "title": slug, "comments": comments}))
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "comments", "import", str(file)]
    began = time.monotonic()
    with (stage.folder / "import.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--article", slug], cwd=ROOT, env=stage.env, stdin=subprocess.DEVNULL,
            stderr=log, start_new_session=True,
        )  # fmt: skip
        peak, ended = 0, 0
        try:
            while not ended:
                time.sleep(LOOK)
                peak = max(peak, meter.pss([process.pid]))
                ended, status, used = os.wait4(process.pid, os.WNOHANG)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with its own processes
            process.wait()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode:
        said = (stage.folder / "import.log").read_text()[-1_000:]
        raise Stop(f"{said}\nThe import failed (exit code {process.returncode}).")
    return Import(seconds, used.ru_utime + used.ru_stime, peak)


def _constant(results: Results) -> Verdict | None:
    if "import" not in results or not (peaks := results["import"].more("peaks")):
        return None
    grown = peaks[1] / peaks[0]
    small, large = results["import"].more("comments")
    words = f"{peaks[1] / MB:.0f} MB for {large:,}, {grown:.2f} of that for {small:,}"
    return Verdict(words, grown <= 1.25)


def _rate(results: Results, least: float) -> Verdict | None:
    rate = results["import"].of("rate") if "import" in results else None
    if rate is None:
        return None
    if not results["import"].more("processes"):
        return Verdict(f"{rate:,.0f} a second by one process", None)
    return Verdict(f"{rate:,.0f} a second", rate >= least)


def _cost(result: Result) -> float | None:
    spent = result.of("cpu")
    return spent * 1000 if spent is not None else None


# -- S12 -----------------------------------------------------------------------------------------


def weight(stage: Stage) -> Sample:
    """Weigh what a browser fetches for the first page, by kind, in the encodings it is sent in."""
    page = f"/articles/{stage.slug(1_000 if 1_000 in stage.sizes else max(stage.sizes))}"
    coded = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    html = stage.ask(stage.site, page).body.decode()
    files = assets(html, lambda path: stage.ask(stage.site, path).body.decode())
    kinds = dict.fromkeys(("html", "css", "js", "font", "image"), 0)
    encodings = set()
    for kind, path in sorted({("html", page), *files}):
        answer = stage.ask(stage.site, path, coded)
        if answer.status != 200:
            raise Stop(f"{path} answered {answer.status}, so the page cannot be weighed.")
        kinds[kind] += len(answer.body)
        if kind != "font":  # those are compressed in their own way
            encodings.add(answer.headers.get("content-encoding", "identity"))
    more = {"kinds": kinds, "requests": 1 + len(files), "encoding": " and ".join(sorted(encodings))}
    return Sample(bytes=sum(kinds.values()), more={**more, "comments": stage.count_comments(html)})


def _weight(results: Results) -> Verdict | None:
    if "weight" not in results or not (kinds := results["weight"].more("kinds")):
        return None
    result = results["weight"]
    parts = [f"{kind} {size / 1000:.0f}" for kind, size in kinds.items() if size]
    words = f"{', '.join(parts)} KB ({result.more('encoding')}) for {result.more('comments')} "
    words += f"comments, {result.more('requests')} requests; Lighthouse is run apart"
    within = all(kinds[kind] <= most * 1000 for kind, most in BUDGET.items())
    return Verdict(words, within and result.more("requests") <= REQUESTS)


CASES = [
    Once("weight", "S12", "page weight, signed out", weight),
    Once("memory", "S10", "memory after different pages", memory),
    Once("import", "S11", "flask comments import", importing),
]


def list_targets(engine: str) -> list[Target]:
    """Return the goals of what is done once."""
    least, most = IMPORTED // TIME[engine], CPU * TIME[engine]
    return [
        Target("S10", "300 MB or less (PSS), and not growing", _memory),
        Target(
            *("S11", f"at most {most} us of CPU a comment, read whole by all three"),
            at_most(most, "us", _cost, "import"),
        ),
        Target(
            *("S11", f"{least:,} comments a second or more on two cores"),
            lambda results: _rate(results, least),
        ),
        Target("S11", "constant memory: at most 1.25 of it for a smaller file", _constant),
        Target("S12", "HTML 30 KB, CSS 14, JS 22, fonts 70; 12 requests", _weight),
    ]
