"""The client that sends at a fixed rate: its arithmetic, and that it waits for no answer."""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from random import Random

import pytest

from bench import wrk
from bench.arrivals import (
    Answers,
    Client,
    draw_times,
    percentile,
    schedule,
    write_request,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwords"
MEMBERS = [{"cookie": f"session={n}", "token": f"token-{n}"} for n in range(3)]
PLAN = wrk.Plan(
    mix={},
    read=["/articles/story"],
    headers={"Accept": "*/*"},
    writers=MEMBERS,
    post="/articles/story/comments",
    vote="/c/ID/vote",
    texts=["Some%20words"],
    parents=[7],
    comments=[11, 12, 13],
    authors=[2, 0, 0],  # places among the writers, from 1
    seed="seed",
    offset=300,
)


# -- arithmetic ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        ([], 0.99, 0),
        ([5], 0.5, 5),
        ([3, 1, 2], 0.5, 2),
        ([4, 3, 1, 2], 0.5, 2),
        (range(1, 101), 0.99, 99),
        (range(1, 102), 0.99, 100),
        (range(1, 11), 0.99, 10),
    ],
)
def test_a_percentile_is_the_least_value_that_its_share_does_not_exceed(
    values: list[float], share: float, found: float
) -> None:
    assert percentile(values, share) == found


def test_arrivals_come_by_chance_at_the_rate_that_was_asked_for() -> None:
    times = draw_times(100, 200, Random(1))
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    assert times == sorted(times)
    assert times[-1] < 200
    assert abs(len(times) - 20_000) < 5 * 20_000**0.5  # five standard deviations
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert spread == pytest.approx(mean, rel=0.05)  # as the gaps of a Poisson process have it


def test_a_seed_gives_the_same_arrivals_whatever_else_is_sent() -> None:
    alone = schedule({"post": 10}, 5, seed=3)
    both = schedule({"post": 10, "read": 50}, 5, seed=3)
    assert both == sorted(both)
    assert [moment for moment in both if moment[1] == "post"] == alone
    assert schedule({"post": 10}, 5, seed=4) != alone


def test_figures_count_failed_requests_with_their_time() -> None:
    told = Answers([1.0, 2.0, 30.0], errors=1).summarise()
    assert told == {"requests": 3, "errors": 1, "p50": 2.0, "p99": 30.0, "longest": 30.0}
    assert Answers().summarise()["p99"] == 0


# -- requests ------------------------------------------------------------------------------------


def write(kind: str, count: int) -> tuple[str, dict[str, str], str]:
    plan = json.loads(json.dumps(asdict(PLAN)))
    head, _, body = write_request(plan, kind, count).decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


def test_a_read_is_a_visitors() -> None:
    first, headers, body = write("read", 0)
    assert (first, body) == ("GET /articles/story HTTP/1.1", "")
    assert headers == {"Host": "127.0.0.1", "Accept": "*/*"}


def test_no_post_has_the_key_of_another_and_every_third_begins_a_thread() -> None:
    posts = [write("post", count) for count in range(6)]
    assert len({body.split("submission=")[1].split("&")[0] for _, _, body in posts}) == 6
    assert ["parent_id=7" in body for _, _, body in posts] == [False, True, True] * 2
    for first, headers, body in posts:
        assert first == "POST /articles/story/comments HTTP/1.1"
        assert int(headers["Content-Length"]) == len(body)
        token = headers["Cookie"].replace("session=", "token-")
        assert body.startswith(f"csrf_token={token}&nudged=1&")


def test_nobody_votes_on_their_own() -> None:
    voted = [write("vote", count) for count in range(9)]
    own = [headers for first, headers, _ in voted if first.startswith("POST /c/11/vote ")]
    assert len(own) == 3
    assert MEMBERS[1]["cookie"] not in {headers["Cookie"] for headers in own}
    assert {body.split("&")[1] for _, _, body in voted} == {"value=1", "value=-1"}


# -- sending -------------------------------------------------------------------------------------


class Server:
    """Answers no request before so many have come `together`."""

    def __init__(self, together: int = 1) -> None:
        self.came = 0
        self.together = together
        self.let = asyncio.Event()
        self.open: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                self.came += 1
                if not await self.answer(writer):
                    break
        writer.close()
        await writer.wait_closed()

    async def answer(self, writer: asyncio.StreamWriter) -> bool:
        """Answer in two pieces; return whether the connection goes on."""
        if self.came == self.together:
            self.let.set()
        await self.let.wait()
        writer.write(OK[:30])
        await writer.drain()
        writer.write(OK[30:])
        return True


def run(server: Server, *turns: list[tuple[float, str, bytes]]) -> Client:
    """Send requests, one turn after the other."""

    async def go() -> Client:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        async with listening:
            client = Client(listening.sockets[0].getsockname()[1])
            for requests in turns:
                await client.run(requests)
            client.close()
            await asyncio.gather(*filter(None, server.open))
        return client

    return asyncio.run(go())


GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_a_request_is_sent_when_it_is_due_though_none_was_answered() -> None:
    # A client that waited for an answer would wait for ever.
    server = Server(together=5)
    client = run(server, [(number / 1000, "read", GET) for number in range(5)])
    assert server.came == 5
    assert client.answers["read"].errors == 0
    assert len(client.answers["read"].times) == len(client.delays) == 5


def test_time_counts_from_when_a_request_was_due() -> None:
    client = run(Server(), [(-60.0, "post", GET), (-60.0, "post", GET)])  # a minute ago
    assert min(client.answers["post"].times) >= 60_000
    assert min(client.delays) >= 60_000


def test_an_answer_that_is_no_200_or_breaks_off_is_an_error() -> None:
    class Failing(Server):
        async def answer(self, writer: asyncio.StreamWriter) -> bool:
            if self.came == 1:
                writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            return False

    client = run(Failing(), [(0.0, "vote", GET), (0.0, "vote", GET)])
    assert client.answers["vote"].errors == 2


def test_a_connection_that_was_closed_for_its_idleness_is_opened_again() -> None:
    class Closing(Server):
        """Closes the connection when its second request comes."""

        async def answer(self, writer: asyncio.StreamWriter) -> bool:
            return self.came != 2 and await super().answer(writer)

    server = Closing()
    client = run(server, [(0.0, "read", GET)], [(0.0, "read", GET)])
    assert server.came == 3
    assert client.answers["read"].errors == 0
    assert len(client.answers["read"].times) == 2
