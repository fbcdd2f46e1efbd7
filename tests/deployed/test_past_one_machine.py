"""Two processes, one PostgreSQL, one Redis, nginx in front: as one site, whatever stops."""

import time
from collections.abc import Callable, Iterator

import pytest

from app.comments.models import Comment
from app.db.base import db
from tests import services
from tests.deployed.conftest import Answer, Machines, Reader, behind_nginx, two_machines

STORY = "/articles/story"
PATIENCE = 30  # seconds for what takes a moment
pytestmark = pytest.mark.xdist_group("machines")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with two_machines(tmp_path_factory.mktemp("machines")) as running:
        yield running


def post(reader: Reader, words: str) -> Answer:
    return reader.post("/articles/story/comments", {"body": words, "submission": words})


def until(said: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not said():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_is_posted_on_one_is_read_by_members_on_the_other_at_once(machines: Machines) -> None:
    one, two = machines.servers
    rhea = Reader(one)
    rhea.sign_in("rhea")
    for _ in range(3):  # both have kept the page
        assert "Across machines" not in Reader(two).get(STORY).text
        assert Reader(one).get(STORY).status == 200
    assert post(rhea, "Across machines").status == 303
    assert "Across machines" in rhea.at(two).get(STORY).text
    assert "Across machines" in Reader(one).get(STORY).text
    # A visitor's page may be a tenth of a second old there, and nginx holds it for a second.
    until(lambda: "Across machines" in Reader(two).get(STORY).text)
    until(lambda: "Across machines" in Reader(machines.port).get(STORY).text)


def test_what_a_moderator_removes_on_one_a_member_misses_on_the_other_at_once(
    machines: Machines,
) -> None:
    one, two = machines.servers
    nils, mo, rhea = Reader(one), Reader(one), Reader(two)
    for reader, name in ((nils, "nils"), (mo, "mo"), (rhea, "rhea")):
        reader.sign_in(name)
    assert post(nils, "Slander across machines").status == 303
    for _ in range(3):  # both keep the page
        assert "Slander across machines" in rhea.get(STORY).text
        assert Reader(two).get(STORY).status == 200
    with machines.app.app_context():
        slander = db.session.query(Comment).order_by(Comment.id.desc()).first()
        assert slander is not None
        path, data = f"/mod/c/{slander.id}/reject", {"version": str(slander.version)}
    assert mo.post(path, data | {"reason": "spam"}).status == 303
    assert "Slander across machines" not in rhea.get(STORY).text
    until(lambda: "Slander across machines" not in Reader(two).get(STORY).text)
    until(lambda: "Slander across machines" not in Reader(machines.port).get(STORY).text)


def test_readers_without_cookies_are_answered_by_nginx_itself(machines: Machines) -> None:
    reader = Reader(machines.port)
    until(lambda: reader.get(STORY).headers["X-Cache"] == "HIT")
    hits = [reader.get(STORY) for _ in range(2)]
    assert len({hit.headers["X-Request-ID"] for hit in hits}) == 2


def test_without_redis_both_go_on_and_so_they_do_when_it_is_back(machines: Machines) -> None:
    one, two = machines.servers
    mo = Reader(one)
    mo.sign_in("mo")
    machines.redis.close()
    assert post(mo, "While Redis is away").status == 303
    for server in machines.servers:
        assert "While Redis is away" in mo.at(server).get(STORY).text
        assert mo.at(server).get("/mod/reported").status == 200
    edda = Reader(two)
    edda.sign_in("edda")
    machines.redis.enter_context(services.redis_server(machines.redis_port))
    assert post(edda, "Redis is back").status == 303
    for server in machines.servers:
        assert "Redis is back" in edda.at(server).get(STORY).text


def test_when_postgresql_is_started_again_both_heal_by_themselves(machines: Machines) -> None:
    ravi = Reader(machines.servers[0])
    ravi.sign_in("ravi")
    assert post(ravi, "Before the restart").status == 303
    until(lambda: "Before the restart" in Reader(machines.port).get(STORY).text)
    machines.app.extensions["pagestore"].forget()
    machines.database.close()
    for server in machines.servers:
        until(lambda server=server: Reader(server).get(STORY).status == 503)
        assert "Traceback" not in Reader(server).get(STORY).text
    # Readers behind nginx still get the last page.
    until(lambda: "Before the restart" in Reader(machines.port).get(STORY).text)
    machines.database.enter_context(services.serving(machines.cluster))
    for server in machines.servers:
        until(lambda server=server: Reader(server).get(STORY).status == 200)
        assert "Before the restart" in ravi.at(server).get(STORY).text
    assert post(ravi, "After the restart").status == 303
    for server in machines.servers:
        assert "After the restart" in ravi.at(server).get(STORY).text


def test_when_one_process_is_gone_nginx_asks_the_other(machines: Machines) -> None:
    nobody = services.free_port()
    with behind_nginx([nobody, machines.servers[0]]) as port:
        nils = Reader(port)
        nils.sign_in("nils")
        for number in range(3):
            assert post(nils, f"Still there {number}").status == 303
            assert f"Still there {number}" in nils.get(STORY).text
            assert Reader(port).get("/").status == 200
