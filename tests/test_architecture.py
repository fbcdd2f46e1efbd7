"""The shape of the code, kept by rule: where imports lead, who commits, what templates hold.

Each list of exceptions says why it is there; a new line in one is a decision to defend.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.policy import Permission

ROOT = Path(__file__).resolve().parent.parent

# A module belongs to the first row with a pattern that matches its whole name, and may import
# from earlier rows only; within a row from its own feature and from those before it.
ROWS = [
    ("ground", r"app\.(errors|clock|config)|app\.text(\..+)?|app\.accounts\.passwords"),
    ("vocabularies", r"app\.(accounts\.roles|(articles|comments)\.vocabulary|moderation\.reasons)"),
    ("extensions", r"app\.(extensions|instance|postgres)|app\.db\.\w+"),
    ("models", r"app\.\w+\.models"),
    ("visibility", r"app\.(articles|comments)\.visibility"),
    (
        "policy",
        r"app\.(policy|comments\.(sorting|tree|nudges|incoming)|moderation\.phases)",
    ),
    ("queries", r"app\.\w+\.(queries|marks|pace|versions|wordlists)|app\.comments\.glance"),
    ("status", r"app\.moderation\.(anchor|audit|chain|holding|notices|pipeline|status|verifying)"),
    ("operations", r"app\.\w+\.(operations|importing|placing|recounting|rerendering)"),
    ("forms", r"app\.web\.forms|app\.\w+\.forms"),
    ("web", r"app\.web(\.\w+)?"),
    ("lookup", r"app\.\w+\.(lookup|compose|muting|reader|drawing|scenes|discussion|answers|feeds)"),
    ("views", r"app\.\w+\.views|app\.cli(\.\w+)?"),
    ("app", r"app"),
]
FEATURES = [
    *("web", "accounts", "articles", "comments", "revisions", "moderation", "reactions"),
    *("drafts", "personal", "arrivals", "search", "site", "samples"),
]
# The rows whose modules know no request.
DOMAIN = {"ground", "vocabularies", "models", "visibility", "policy", "queries", "status"} | {
    "operations"
}
WEB_PACKAGES = {"flask", "werkzeug", "flask_wtf", "flask_login", "flask_limiter", "wtforms"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# Modules with code in them: an empty __init__.py is only a folder's mark.
MODULES = {name_of(p): p for p in sorted((ROOT / "app").rglob("*.py")) if p.stat().st_size}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


def row_of(module: str) -> int:
    for number, (_, pattern) in enumerate(ROWS):
        if re.fullmatch(pattern, module):
            return number
    raise AssertionError(f"{module} has no row: give it one in ROWS")


def feature_of(module: str) -> str:
    part = module.split(".")[1] if "." in module else ""
    return part if part in FEATURES else ""


@cache
def imports_of(module: str) -> frozenset[str]:
    """The modules of ours that `module` imports, and the packages of others."""
    found: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by a relative name"
            base = node.module or ""
            whole = {f"{base}.{alias.name}" for alias in node.names}
            inner = {name for name in whole if name in MODULES}
            found |= inner | ({base} if len(inner) < len(whole) else set())
    return frozenset(found - {module})


@pytest.mark.parametrize("module", MODULES)
def test_imports_lead_to_earlier_rows_and_earlier_features(module: str) -> None:
    row, feature = row_of(module), feature_of(module)
    for other in imports_of(module) & MODULES.keys():
        assert row_of(other) <= row, f"{module} imports {other} of a later row"
        if row_of(other) == row and feature and feature_of(other) not in ("", feature):
            order = FEATURES.index(feature_of(other)), FEATURES.index(feature)
            assert order[0] < order[1], f"{module} imports {other} of a later feature"


def test_no_imports_go_round_in_a_circle() -> None:
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way, module])
        if module not in done:
            for other in imports_of(module) & MODULES.keys():
                visit(other, (*way, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


@pytest.mark.parametrize("module", MODULES)
def test_every_import_stands_at_the_top_of_its_file(module: str) -> None:
    kinds = (ast.Import, ast.ImportFrom)
    body = tree_of(module).body
    body = body[1:] if ast.get_docstring(tree_of(module)) else body
    first_other = next((i for i, node in enumerate(body) if not isinstance(node, kinds)), len(body))
    at_top = {id(node) for node in body[:first_other]}
    late = [
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, kinds) and id(node) not in at_top
    ]
    assert late == []


@pytest.mark.parametrize("module", [m for m in MODULES if ROWS[row_of(m)][0] in DOMAIN])
def test_the_domain_knows_no_request(module: str) -> None:
    packages = {name.partition(".")[0] for name in imports_of(module)}
    assert packages & WEB_PACKAGES == set()


def calls(module: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the name that is called."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


@pytest.mark.parametrize("module", [m for m in MODULES if ROWS[row_of(m)][0] != "operations"])
def test_only_operations_commit(module: str) -> None:
    assert [node.lineno for name, node in calls(module) if name == "commit"] == []


# An article's status is not a comment's: it has no counters and no log that follow from it.
STATUS_SETTERS = {"app.moderation.status", "app.articles.operations"}


@pytest.mark.parametrize("module", sorted(MODULES.keys() - STATUS_SETTERS))
def test_a_comments_status_is_set_in_one_place(module: str) -> None:
    assigned = [
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute)
        and node.attr == "status"
        and isinstance(node.ctx, ast.Store)
    ]
    given = [
        node.lineno
        for name, node in calls(module)
        if name in ("Comment", "values") and "status" in {word.arg for word in node.keywords}
    ]
    by_name = [
        node.lineno
        for name, node in calls(module)
        if name == "setattr" and ast.unparse(node.args[1]) == "'status'"
    ]
    assert assigned + given + by_name == []


def test_markup_is_made_by_the_text_module_alone() -> None:
    makers = {module for module in MODULES for name, _ in calls(module) if name == "Markup"}
    assert {module for module in makers if not module.startswith("app.text")} == set()


PYTHON = [
    *(path for folder in ("app", "tests", "devtools", "migrations") for path in
      sorted((ROOT / folder).rglob("*.py"))),
    *sorted(ROOT.glob("*.py")),
]  # fmt: skip


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_python_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


def test_every_route_declares_a_permission(app: Flask) -> None:
    undeclared = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not isinstance(
            getattr(app.view_functions[rule.endpoint], "permission", None), Permission
        )
    ]
    assert undeclared == []


def test_a_view_that_declares_no_permission_answers_403(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOTBEAT_INSTANCE", str(tmp_path))
        app = create_app({"TESTING": True})
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    answer = app.test_client().get("/forgotten", base_url="http://localhost")
    assert answer.status_code == 403
    assert "secret" not in answer.text


# -- templates ---------------------------------------------------------------------------------

TEMPLATES = {
    str(path.relative_to(ROOT / "templates")): path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.html"))
}
each_template = pytest.mark.parametrize("name", TEMPLATES)

# What the content security policy, or the promise that pages work without it, forbids.
FORBIDDEN = {
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "a style element": r"<style\b",
    "a style attribute": r"\sstyle\s*=",
    "an event handler": r"\son[a-z]+\s*=",
    "an htmx handler": r"\shx-on",
    "an expression of htmx": r"\bjs:|\bjavascript:",
    "a trigger filter": r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)",
    "unescaped output": r"\|\s*safe\b|autoescape\s+false",
}


@each_template
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(name: str, what: str) -> None:
    assert re.findall(FORBIDDEN[what], TEMPLATES[name]) == []


@each_template
def test_every_template_begins_with_a_comment_about_itself(name: str) -> None:
    comment = re.match(r"\{#(.+?)#\}", TEMPLATES[name], re.S)
    assert comment, "the first line says what this is"
    if Path(name).name.startswith("_"):
        assert re.search(r"\binputs?\b", comment[1], re.I), "a partial names its inputs"


@each_template
def test_every_form_that_posts_carries_the_token(name: str) -> None:
    for attributes, inside in re.findall(r"<form\b([^>]*)>(.*?)</form>", TEMPLATES[name], re.S):
        if re.search(r"method=\"post\"", attributes, re.I):
            assert "csrf()" in inside or 'name="csrf_token"' in inside


@each_template
def test_a_button_with_an_address_of_its_own_belongs_to_the_shells_form(name: str) -> None:
    for button in re.findall(r"<button\b[^>]*\bformaction=[^>]*>", TEMPLATES[name]):
        # Two buttons of the compose box send that box elsewhere, with its own token.
        own = any(
            f"url_for('{name}')" in button
            for name in ("discussion.preview_comment", "discussion.discard_draft")
        )
        assert 'form="act"' in button or own


@each_template
def test_what_people_wrote_stands_out_of_reach_of_htmx(name: str) -> None:
    """Comments as HTML, as marked source and as excerpt, each right inside its own box."""
    if name.startswith("articles/"):
        return  # editors write those, by the article pipeline
    written = r"\{\{[^}]*(?:\|\s*(?:stored|marked)|box\.preview|\.body\|)[^}]*\}\}"
    for match in re.finditer(written, TEMPLATES[name]):
        before = TEMPLATES[name][: match.start()]
        box = before[before.rindex("<") :]
        assert ("hx-disable" in box and "hx-ignore" in box) or "|excerpt" in match[0], match[0]


@each_template
def test_every_asset_of_a_template_exists(name: str) -> None:
    named = set(re.findall(r"asset\(['\"]([^'\"]+)['\"]\)", TEMPLATES[name]))
    named |= set(re.findall(r"['\"]/static/([^'\"?]+)", TEMPLATES[name]))
    assert {path for path in named if not (ROOT / "static" / path).is_file()} == set()


@each_template
def test_every_icon_of_a_template_is_a_symbol(name: str) -> None:
    symbols = set(re.findall(r'id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
    used = set(re.findall(r"icon\(['\"]([^'\"]+)['\"]\)", TEMPLATES[name]))
    used |= set(re.findall(r"\"(arrow-[a-z-]+)\"", TEMPLATES[name]))
    assert used - symbols == set()
