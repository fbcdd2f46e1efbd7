"""`flask policy` prints the rules of the whole site as one table."""

from click.testing import CliRunner

from app.cli.rules import WIDTH, show_policy
from app.policy import Permission, list_rules


def test_every_permission_is_printed_with_what_it_asks_and_how_it_refuses() -> None:
    result = CliRunner().invoke(show_policy)
    assert result.exit_code == 0
    lines = result.output.splitlines()[1:]
    assert max(map(len, lines)) <= WIDTH
    starts = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    assert [lines[i].split()[0] for i in starts] == list(Permission)
    for permission, start, end in zip(Permission, starts, [*starts[1:], None], strict=True):
        block = " ".join(" ".join(lines[start:end]).split())
        rules = [f"{asked.name} {asked.message}" for asked in list_rules()[permission]]
        assert block == " ".join([permission, *(rules or ["(nothing)"])])
