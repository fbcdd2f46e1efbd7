"""How the benchmark judges: in units of its floors, by the worst case, without errors."""

import pytest

from bench import table
from bench.cases import fresh, once, reading, writing
from bench.cases.model import Result, Results, Sample, Target, Traffic, at_most, tail


def result(size: int = 1_000, **site: object) -> Result:
    """Return the outcome of a case: 4 ms for 80 comments, and 0.5 ms of its floor."""
    known = {"cpu": 4.0, "p50": 10.0, "p99": 25.0, "bytes": 200_000, "more": {"comments": 80}}
    found = Result(Traffic("member-1000", "S4", "signed in"), size)
    found.add("site", Sample(**{**known, **site}))  # type: ignore[arg-type]
    found.add("floor", Sample(cpu=0.5))
    return found


def goals(engine: str) -> list[Target]:
    return [
        target for group in (reading, fresh, writing, once) for target in group.list_targets(engine)
    ]


def judged(row: str, wanted: str, results: Results, engine: str = "sqlite") -> tuple[str, str]:
    (target,) = [t for t in goals(engine) if t.row == row and wanted in t.wanted]
    ((_, outcome, _, found),) = table.verdicts(results, [target])
    return outcome, found


def test_a_page_is_measured_in_bare_views_and_in_comments_shown() -> None:
    assert (result().units(), result().each()) == (8.0, 50.0)
    pages = {"member-1000": result()}
    assert judged("S4", "page at most 9 B", pages) == ("met", "8 B")
    assert judged("S4", "45 us", pages) == ("MISSED", "50 us")
    assert judged("S4", "220 KB", pages) == ("met", "178 KB")
    assert judged("S1", "1.0", pages) == ("not run", "-")


def test_the_worst_case_counts_and_one_error_is_too_many() -> None:
    pages = {"member-1000": result(), "member-10000": result(cpu=6.0), "member-100": result(100)}
    pages["member-100"].samples["site"][0] = Sample(cpu=50.0)  # too small a thread to be asked
    assert judged("S4", "9 B", pages) == ("MISSED", "12 B (member-10000)")
    assert judged("S4", "14 B", pages, "postgresql") == ("met", "12 B (member-10000)")
    pages["member-10000"] = result(errors=1)
    assert judged("S4", "9 B", pages)[0] == "MISSED"
    assert "1 errors" in judged("S4", "9 B", pages)[1]


def test_fragments_are_measured_by_each_comment_in_them() -> None:
    parts = {"replies": result(cpu=10.0), "threads": result(cpu=12.0)}
    assert judged("S5", "0.25 B a comment", parts) == ("MISSED", "0.3 B a comment (threads)")


def test_a_closed_loop_is_even_when_nobody_waits_much_longer_than_most() -> None:
    loops = {"post-16": result(p99=19.0), "anonymous-100": result(p99=31.0)}
    assert tail(loops["post-16"]) == 1.9
    assert judged("S7", "twice p50", loops) == ("met", "1.9 times")
    assert judged("all", "3 times", loops) == (
        *("MISSED", "3.1 times (anonymous-100); over it: anonymous-100"),
    )


@pytest.mark.parametrize(("engine", "most"), [("sqlite", 80), ("postgresql", 160)])
def test_postgresql_may_take_twice_the_time(engine: str, most: int) -> None:
    within, late = result(p99=float(most)), result(p99=most + 1.0)
    assert judged("S7", f"{most} ms at 60", {"posts": within}, engine)[0] == "met"
    assert judged("S7", f"{most} ms at 60", {"posts": late}, engine)[0] == "MISSED"
    assert judged("S7", "5 T", {"post-1": result(cpu=2.6)}, engine)[0] == "MISSED"


def test_an_import_is_judged_by_what_more_comments_take() -> None:
    more = {"comments": (10, 100), "peaks": [100_000_000, 120_000_000], "processes": 2}
    imports = {"import": result(cpu=0.8, rate=1_400.0, more=more)}
    assert judged("S11", "900 us", imports) == ("met", "800 us")
    assert judged("S11", "1,500", imports) == ("MISSED", "1,400 a second")
    assert judged("S11", "750", imports, "postgresql")[0] == "met"
    imports["import"].samples["site"][0].more["processes"] = 0  # too few comments for several
    assert judged("S11", "1,500", imports) == ("told", "1,400 a second by one process")
    assert judged("S11", "constant", imports) == ("met", "120 MB for 100, 1.20 of that for 10")


def test_every_row_has_a_place_and_those_of_all_stand_last() -> None:
    rows = [row for row, *_ in table.verdicts({}, goals("sqlite"))]
    assert list(dict.fromkeys(rows)) == [*(f"S{n}" for n in range(1, 13)), "all"]


def test_no_case_is_no_verdict() -> None:
    assert at_most(1, "ms", tail, "nothing")({"posts": result()}) is None
