"""The files below static/: where they came from, their colours, what they never do."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.cases import each

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "static"
CSS = sorted((STATIC / "css").glob("*.css"))
JS = sorted((STATIC / "js").glob("*.js"))
TOKENS = re.compile(r"@layer tokens \{\n.*?\n\}\n", re.DOTALL)  # the layer in base.css
# A picture inside a style sheet: an SVG with its shapes.
DRAWN = re.compile(r"""url\("data:image/svg\+xml,<svg [^<>]*>((?:<[a-z]+ [^<>]*/>)+)</svg>"\)""")
LAYERS = "@layer reset, tokens, base, components, utilities;"

# Foreground, background: the pairs that the styles make of the tokens.
TEXT_PAIRS = [
    *((text, on) for text in ("ink", "ink-2", "ink-3") for on in ("paper", "surface", "sunken")),
    *((text, on) for text in ("accent", "danger") for on in ("paper", "surface", "sunken")),
    *((text, "paper") for text in ("accent-hi", "warn", "info", "down", "visited")),
    *((text, f"{text}-wash") for text in ("accent", "danger", "warn", "info")),
    *(("ink", f"{wash}-wash") for wash in ("accent", "danger", "warn", "info")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hi"),
    ("ink", "mark"),
    ("ink-3", "mark"),
    ("paper", "ink"),
    ("paper", "danger"),
    ("down", "danger-wash"),
]
CONTROL_PAIRS = [
    (control, on) for control in ("edge", "focus") for on in ("paper", "surface", "sunken")
]


def vendored() -> list[dict[str, str]]:
    packages = json.loads((STATIC / "vendor/manifest.json").read_text())["packages"]
    return [file for package in packages for file in package["files"]]


def tokens(scheme: str) -> dict[str, str]:
    """Return the colours of the "light" or "dark" scheme by token name."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", token_layer())
    return {name: light if scheme == "light" else dark for name, light, dark in found}


def token_layer() -> str:
    found = TOKENS.search((STATIC / "css/base.css").read_text())
    assert found is not None
    return found[0]


def luminance(colour: str) -> float:
    """Return the relative luminance of `#RRGGBB` (WCAG 2.2, definition)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, definition)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


@each("file", vendored())
def test_a_vendored_file_is_the_one_in_the_manifest(file: dict[str, str]) -> None:
    assert hashlib.sha256((ROOT / file["path"]).read_bytes()).hexdigest() == file["sha256"]


def test_every_third_party_file_stands_in_the_manifest() -> None:
    folders = (STATIC / "vendor", STATIC / "fonts", ROOT / "devtools/vendor")
    ours = {"manifest.json", "vendor.py"}
    present = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.iterdir()
        if path.is_file() and path.name not in ours and path.suffix not in (".br", ".gz")
    }
    assert present | {"static/icons.svg"} == {file["path"] for file in vendored()}


def test_the_manifest_names_version_licence_and_integrity_of_every_package() -> None:
    for package in json.loads((STATIC / "vendor/manifest.json").read_text())["packages"]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["licence"] in {"0BSD", "ISC", "MPL-2.0", "OFL-1.1"}
        assert package["integrity"].startswith("sha512-")


@each("scheme", ["light", "dark"])
@each(("text", "background"), TEXT_PAIRS)
def test_text_can_be_read_on_its_background(scheme: str, text: str, background: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[text], colours[background]) >= 4.5


@each("scheme", ["light", "dark"])
@each(("control", "background"), CONTROL_PAIRS)
def test_the_edge_of_a_control_can_be_seen(scheme: str, control: str, background: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[control], colours[background]) >= 3


def test_base_css_declares_the_order_of_the_layers_first() -> None:
    """Every page loads it before the others, which name their layer only."""
    assert (STATIC / "css/base.css").read_text().splitlines()[0] == LAYERS


@each("path", CSS)
def test_a_style_sheet_holds_one_block_of_each_of_its_layers(path: Path) -> None:
    layers = re.findall(r"@layer ([a-z]+) \{", path.read_text())
    known = re.findall(r"[a-z]+", LAYERS.removeprefix("@layer"))
    assert sorted(layers) == (sorted(known) if path.name == "base.css" else ["components"])


@each("path", CSS)
def test_a_style_sheet_loads_nothing_but_files_of_ours(path: Path) -> None:
    text = without_comments(path)
    assert "@import" not in text
    text = DRAWN.sub("", text)
    for target in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
        file = (path.parent / target).resolve()
        assert file.is_relative_to(STATIC), target
        assert file.is_file(), target


@each("path", CSS)
def test_colours_are_named_in_the_tokens_alone(path: Path) -> None:
    text = TOKENS.sub("", without_comments(path))
    text = re.sub(r"@media print \{[^}]*\}", "", text)
    assert re.findall(r":[^;{]*#[0-9a-fA-F]{3,8}\b", text) == []


def declarations(text: str, around: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each declaration of a style sheet after the heads of the blocks that it stands in."""
    start = at = 0
    while at < len(text):
        if text[at] == "{":
            end, depth = at + 1, 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            yield from declarations(text[at + 1 : end - 1], (*around, text[start:at].strip()))
            start = at = end
        elif text[at] == ";":
            yield around, " ".join(text[start:at].split())
            start = at = at + 1
        else:
            at += 1


@each("path", CSS)
def test_no_colour_depends_on_the_width_of_the_window(path: Path) -> None:
    """What tests/browser/axe.py relies on: it looks at the dark in narrow windows alone."""
    painted = re.compile(r"(color|background[\w-]*|border-color|fill|opacity|--[\w-]+): (.*)")
    found = {
        declaration
        for around, declaration in declarations(without_comments(path))
        if any(head.startswith("@") and "width" in head for head in around)
        if (match := painted.match(declaration)) and match[2] not in ("none", "0", "transparent")
        if not declaration.startswith("--pad:")
    }
    # The menu of a comment, which lies on another ground then; see TEXT_PAIRS.
    assert found <= {"color: var(--ink-2)"}


@each("path", CSS)
def test_no_style_asks_how_the_device_is_turned(path: Path) -> None:
    assert "orientation" not in without_comments(path)


@each("path", CSS)
def test_every_token_that_is_used_exists(path: Path) -> None:
    defined = set(re.findall(r"^\s*(--[\w-]+):", token_layer(), re.M))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) <= defined


@each("path", JS)
def test_a_script_makes_no_code_and_no_html_of_text(path: Path) -> None:
    text = without_comments(path)
    for trigger in (
        r"\beval\s*\(",
        r"\bnew\s+Function\b",
        r"\b(?:inner|outer)HTML\b",
        r"\binsertAdjacentHTML\b",
        r"\bcreateContextualFragment\b",
        r"\bdocument\.write",
        r"\bset(?:Timeout|Interval)\(\s*[\"'`]",
    ):
        assert not re.search(trigger, text), trigger


@each("path", CSS)
def test_the_pictures_inside_a_style_sheet_are_icons_of_the_sprite(path: Path) -> None:
    sprite = (STATIC / "icons.svg").read_text()
    icons = set(re.findall(r"<symbol [^>]*>(.*?)</symbol>", sprite))
    assert {shapes.replace("'", '"') for shapes in DRAWN.findall(path.read_text())} <= icons


def test_every_icon_that_a_comment_names_has_its_picture() -> None:
    """Comments name theirs by a class, for which the style sheet of discussions has the shape."""
    drawn = re.findall(r"\.(icon-[\w-]+)::before", (STATIC / "css/discussion.css").read_text())
    named: set[str] = set()
    for template in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r"\bicon-[a-z-]+", template.read_text()))
    assert named == set(drawn)


def test_every_icon_of_the_templates_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    for template in (ROOT / "templates").rglob("*.html"):
        named = re.findall(r"\bicon\(\s*[\"']([\w-]+)[\"']", template.read_text())
        assert set(named) <= sprite, template.name
