"""What README.md and docs/ say of the code is true of it: settings, commands, rooms and paths."""

import ast
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from blinker import Signal

import app
from app import create_app

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
DOCS = {path.relative_to(ROOT): path.read_text() for path in PAGES}
PRODUCTION = (ROOT / "docs" / "production.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
DECISIONS = (ROOT / "docs" / "decisions.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = r"app|bench|deploy|devtools|docs|migrations|static|templates|tests"
FILES = r"dev\.py|gunicorn\.conf\.py|pyproject\.toml|requirements\.txt|wsgi\.py"


def list_rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the tables below a heading, without their first line."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    tables = re.findall(r"^\|.*\n\| --- .*\n((?:\|.*\n)+)", section, re.M)
    lines = "".join(tables).splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


# -- the README --------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 150


def test_the_table_of_rooms_is_that_of_import_linter_and_of_the_folders() -> None:
    rooms = [CODE.findall(row[0])[0] for row in list_rows(README.read_text(), "The rooms")]
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    layers = [layer.split(" | ") for layer in reversed(contract["layers"])]
    assert rooms == [room for layer in layers for room in layer]
    assert set(rooms) == {module.name for module in pkgutil.iter_modules(app.__path__)}


def test_every_name_stands_in_the_file_that_is_named_with_it() -> None:
    named = re.findall(r"`([A-Za-z_]+|@layer \w+)` in `([\w./]+)`", README.read_text())
    assert len(named) > 10
    assert [pair for pair in named if pair[0] not in (ROOT / pair[1]).read_text()] == []


# -- paths -------------------------------------------------------------------------------------


def test_every_path_that_is_named_exists() -> None:
    path = re.compile(rf"(?:{FOLDERS})/[\w./-]*|{FILES}")
    named = {(doc, code) for doc, text in DOCS.items() for code in CODE.findall(text)}
    lost = [pair for pair in named if path.fullmatch(pair[1]) and not (ROOT / pair[1]).exists()]
    assert lost == []


def test_every_link_leads_to_a_file() -> None:
    lost = [
        (doc, link)
        for doc, text in DOCS.items()
        for link in re.findall(r"\]\(([^)#]+)\)", text)
        if "://" not in link and not (ROOT / doc.parent / link).exists()
    ]
    assert lost == []


# -- settings ----------------------------------------------------------------------------------


def find_settings(path: Path) -> Iterator[str]:
    """Yield the names that a file reads from the environment, by itself or through a helper."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Constant(value=str(name)) if re.fullmatch(r"BOTBEAT_[A-Z_]+", name):
                yield name
            case ast.Call(
                func=ast.Attribute(value=environ, attr="get"), args=[ast.Constant(value=name), *_]
            ) if ast.unparse(environ) in ("environ", "os.environ"):
                yield name


def test_every_setting_stands_in_the_table_and_the_table_holds_no_other() -> None:
    files = (ROOT / "app" / "config.py", ROOT / "gunicorn.conf.py")
    read = {name for path in files for name in find_settings(path)}
    assert "BOTBEAT_SECRET_KEY" in read
    rows = list_rows(PRODUCTION, "All settings")
    assert {name for row in rows for name in CODE.findall(row[0])} == read
    assert set(re.findall(r"BOTBEAT_[A-Z_]+", PRODUCTION)) <= read


# -- commands ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> click.Group:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOTBEAT_INSTANCE", str(tmp_path_factory.mktemp("site")))
        return create_app({"TESTING": True}).cli


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command below `command` with its words."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    for name, inner in command.commands.items():
        yield from walk(inner, (*path, name))


def describe_usage(path: str, command: click.Command) -> tuple[str, list[str], set[str]]:
    """Return a command's words, the arguments that it must be given, and its options."""
    arguments = [p for p in command.params if isinstance(p, click.Argument) and p.required]
    options = {name for p in command.params if isinstance(p, click.Option) for name in p.opts}
    return path, [str(p.name).upper() for p in arguments], options


def read_usage(usage: str) -> tuple[str, list[str], set[str]]:
    """Return the same of a line of the docs, as in `users create NAME [--role ROLE]`."""
    bare = re.sub(r"\[?(--[a-z-]+)(?: [A-Z_]+)?\]?", "", usage).split()
    path = [word for word in bare if not word.isupper()]
    return " ".join(path), bare[len(path) :], set(re.findall(r"--[a-z-]+", usage))


def test_every_command_stands_in_the_table_with_what_it_takes(commands: click.Group) -> None:
    written = re.findall(r"^\| `flask ([^`]+)` \|", COMMANDS, re.M)
    ours = sorted(u for u in map(read_usage, written) if not u[0].startswith("db "))
    taken = sorted(describe_usage(*found) for found in walk(commands))
    assert ours == [usage for usage in taken if not usage[0].startswith("db ")]


def test_every_command_that_is_named_anywhere_exists(commands: click.Group) -> None:
    known = {path for path, _ in walk(commands)}
    named = re.compile(r"\bflask(?: --app wsgi)? ([a-z]+(?: [a-z]+)*)")
    lost = [
        (doc, words)
        for doc, text in DOCS.items()
        for words in named.findall(text)
        if not any(words == path or words.startswith(f"{path} ") for path in known)
    ]
    assert lost == []


# -- signals and packages ----------------------------------------------------------------------


def find_signals() -> Iterator[tuple[str, Signal]]:
    for path in sorted((ROOT / "app").glob("*/signals.py")):
        module = import_module(f"app.{path.parent.name}.signals")
        yield from ((n, value) for n, value in vars(module).items() if isinstance(value, Signal))


def test_every_signal_stands_in_the_table_with_who_listens() -> None:
    told = {
        CODE.findall(row[0])[0]: {code for code in CODE.findall(row[3]) if code.startswith("app/")}
        for row in list_rows(DECISIONS, "Signals")
    }
    listening = {
        name: {f"{r.__module__.replace('.', '/')}.py" for r in signal.receivers_for(None)}
        for name, signal in find_signals()
    }
    assert told == listening


def test_every_package_stands_in_the_table_with_a_reason() -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["test"]]
    names = {re.split(r"[\[<>=]", name)[0] for name in asked}
    rows = list_rows(DECISIONS, "Outside packages")
    assert {name for row in rows for name in CODE.findall(row[0])} == names
