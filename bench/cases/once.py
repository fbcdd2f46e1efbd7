"""S10 to S12: memory after many pages, importing, and what a page weighs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import click

from bench import meter
from bench.cases.model import Once, Results, Sample, Target, Verdict
from bench.site import shape, words
from devtools.steps import ROOT, Stop
from tests.web.assets import assets

if TYPE_CHECKING:
    from bench.stage import Stage

MB = 1_000_000
MEMORY = 300  # MB for the whole tree
GROWS = 1.05  # by which the second half of the pages may raise it
IMPORTED = 2_000  # comments a second
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
    words = f"{levels[2] / MB:.0f} MB; {grown:.2f} of what it was halfway"
    return Verdict(words, levels[2] <= MEMORY * MB and grown <= GROWS)


# -- S11 -----------------------------------------------------------------------------------------


def importing(stage: Stage) -> Sample:
    """Comments a second and the most memory, for a file and for one of a tenth of its size."""
    number = 2_000 if stage.quick else 100_000
    _, small = _import(stage, "import-small", number // 10)
    seconds, most = _import(stage, "import", number)
    more = {"comments": number, "peaks": [small, most], "seconds": seconds}
    return Sample(rate=number / seconds, more=more)


def _import(stage: Stage, slug: str, number: int) -> tuple[float, int]:
    """Seconds and bytes of `flask comments import` for a file of `number` comments."""
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
    result = stage.folder / f"{slug}.peak"
    began = time.monotonic()
    with (stage.folder / "import.log").open("w") as log:
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, result, *command, "--article", slug],
            check=False, cwd=ROOT, env=stage.env, stdin=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    seconds = time.monotonic() - began
    if done.returncode:
        said = (stage.folder / "import.log").read_text()[-1_000:]
        raise Stop(f"{said}\nThe import failed (exit code {done.returncode}).")
    return seconds, int(result.read_text())


# A process begins with the peak of the one that started it, and this one holds the whole file:
# so a small one comes between them. It writes the peak to its first argument, in bytes.
_PEAK = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
open(sys.argv[1], "w").write(str(peak))
sys.exit(status)
"""


def _importing(results: Results) -> Verdict | None:
    if "import" not in results or not (peaks := results["import"].more("peaks")):
        return None
    rate = results["import"].of("rate") or 0.0
    grown = peaks[1] / peaks[0]
    words = f"{rate:,.0f} a second; {peaks[1] / MB:.0f} MB, {grown:.2f} of that for a tenth of it"
    return Verdict(words, rate >= IMPORTED and grown <= 1.25)


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
TARGETS = [
    Target("S10", "300 MB or less (PSS), and not growing", _memory),
    Target("S11", "2,000 comments a second or more, constant memory", _importing),
    Target("S12", "HTML 30 KB, CSS 14, JS 22, fonts 70; 12 requests", _weight),
]
