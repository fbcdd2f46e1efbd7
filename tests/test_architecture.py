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

# What a file of the domain is called, in whichever folder: these know no request.
DOMAIN = {
    *("models", "enums", "queries", "rows", "operations", "permissions", "visibility", "status"),
    *("locking", "pacing", "ranking", "signals", "actions", "chain", "log", "verification"),
    *("phases", "pipeline", "nudges", "word_lists", "read_marks", "record", "roles", "passwords"),
}
FOLDERS = {"db", "text", "maintenance", "imports"}  # all of which are the domain's
WEB_PACKAGES = {"flask", "werkzeug", "flask_wtf", "flask_login", "flask_limiter", "wtforms"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# Modules with code in them: an empty __init__.py is only a folder's mark.
MODULES = {name_of(p): p for p in sorted((ROOT / "app").rglob("*.py")) if p.stat().st_size}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


def is_domain(module: str) -> bool:
    parts = module.split(".")
    return parts[-1] in DOMAIN or parts[1:2] == ["policy"] or bool(FOLDERS & set(parts[1:2]))


@cache
def imports_of(module: str) -> frozenset[str]:
    """Return the modules of ours that `module` imports, and the packages of others."""
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


def test_every_import_stands_at_the_top_of_its_file() -> None:
    kinds = (ast.Import, ast.ImportFrom)
    late = []
    for module in MODULES:
        tree = tree_of(module)
        body = tree.body[1:] if ast.get_docstring(tree) else tree.body
        other = next((i for i, node in enumerate(body) if not isinstance(node, kinds)), len(body))
        at_top = {id(node) for node in body[:other]}
        late += [
            f"{module}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, kinds) and id(node) not in at_top
        ]
    assert late == []


def test_the_domain_knows_no_request() -> None:
    knowing = {
        module: found
        for module in MODULES
        if is_domain(module)
        and (found := {name.partition(".")[0] for name in imports_of(module)} & WEB_PACKAGES)
    }
    assert knowing == {}
    assert sum(map(is_domain, MODULES)) > 60


def calls(module: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the name that is called."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def may_commit(module: str) -> bool:
    """Acts commit, and the commands that bring in or mend a whole site."""
    parts = module.split(".")
    return parts[-1] in ("operations", "read_marks") or parts[1:2] in (["imports"], ["maintenance"])


def test_only_operations_commit() -> None:
    commits = {module for module in MODULES for name, _ in calls(module) if name == "commit"}
    assert {module for module in commits if not may_commit(module)} == set()


def test_markup_is_made_by_the_text_module_alone() -> None:
    makers = {module for module in MODULES for name, _ in calls(module) if name == "Markup"}
    assert {module for module in makers if not module.startswith("app.text")} == set()


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


def test_no_template_holds_what_the_content_policy_forbids() -> None:
    found = [
        f"{name}: {what}"
        for name, source in TEMPLATES.items()
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, source)
    ]
    assert found == []


def test_every_template_begins_with_a_comment_about_itself_and_a_partial_names_its_inputs() -> None:
    silent = []
    for name, source in TEMPLATES.items():
        comment = re.match(r"\{#(.+?)#\}", source, re.S)
        is_partial = Path(name).name.startswith("_")
        if not comment or (is_partial and not re.search(r"\binputs?\b", comment[1], re.I)):
            silent.append(name)
    assert silent == []


def test_every_form_that_posts_carries_the_token() -> None:
    bare = [
        f"{name}: {attributes}"
        for name, source in TEMPLATES.items()
        for attributes, inside in re.findall(r"<form\b([^>]*)>(.*?)</form>", source, re.S)
        if re.search(r"method=\"post\"", attributes, re.I)
        and "csrf()" not in inside
        and 'name="csrf_token"' not in inside
    ]
    assert bare == []


# Two buttons of the compose box send that box elsewhere, with its own token.
OF_THE_BOX = ("discussion.preview_comment", "discussion.discard_draft")


def test_a_button_with_an_address_of_its_own_belongs_to_the_shells_form() -> None:
    lost = [
        f"{name}: {button}"
        for name, source in TEMPLATES.items()
        for button in re.findall(r"<button\b[^>]*\bformaction=[^>]*>", source)
        if 'form="act"' not in button
        and not any(f"url_for('{endpoint}')" in button for endpoint in OF_THE_BOX)
    ]
    assert lost == []


def test_what_people_wrote_stands_out_of_reach_of_htmx() -> None:
    """Comments as HTML, as marked source and as excerpt, each right inside its own box."""
    written = r"\{\{[^}]*(?:\|\s*(?:stored|marked)|box\.preview|\.body\|)[^}]*\}\}"
    within_reach = []
    for name, source in TEMPLATES.items():
        if name.startswith("articles/") or name == "discussion/article.html":
            continue  # editors write those, by the article pipeline
        for match in re.finditer(written, source):
            before = source[: match.start()]
            box = before[before.rindex("<") :]
            if not ("hx-disable" in box and "hx-ignore" in box) and "|excerpt" not in match[0]:
                within_reach.append(f"{name}: {match[0]}")
    assert within_reach == []


def test_every_asset_and_icon_of_a_template_exists() -> None:
    symbols = set(re.findall(r'id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
    missing = []
    for name, source in TEMPLATES.items():
        assets = set(re.findall(r"asset\(['\"]([^'\"]+)['\"]\)", source))
        assets |= set(re.findall(r"['\"]/static/([^'\"?]+)", source))
        icons = set(re.findall(r"icon\(['\"]([^'\"]+)['\"]\)", source))
        icons |= set(re.findall(r"\"(arrow-[a-z-]+)\"", source))
        missing += [f"{name}: {path}" for path in assets if not (ROOT / "static" / path).is_file()]
        missing += [f"{name}: {icon}" for icon in icons - symbols]
    assert missing == []
