"""Colours for code: Pygments' classes around the words of a fenced block.

Lexers are regular expressions for honest code. Their input is bounded here in every way in which
hostile code was found to slow them down; code beyond the bounds stays without colours.
"""

import logging
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.lexers.jvm import JavaLexer
from pygments.token import STANDARD_TYPES, Token

CODE_MAX = 5_000
SPANS_MAX = 1_500
_LINE_MAX = 400
_BACKSLASHES_MAX = 300
_LONG_GAP = re.compile(r"\s{100}")

# Pygments' lexers by their own names, with the other names that people use.
_ALIASES = {
    "bash": "sh shell zsh",
    "c": "h",
    "console": "shell-session terminal",
    "cpp": "c++ cc cxx hpp",
    "css": "",
    "diff": "patch udiff",
    "docker": "dockerfile",
    "go": "golang",
    "html": "htm",
    "ini": "cfg",
    "java": "",
    "javascript": "js node mjs jsx",
    "json": "jsonc",
    "julia": "jl",
    "kotlin": "kt",
    "lua": "",
    "make": "makefile",
    "php": "",
    "python": "py python3 py3",
    "r": "",
    "ruby": "rb",
    "rust": "rs",
    "sql": "postgresql sqlite",
    "swift": "",
    "toml": "",
    "typescript": "ts tsx",
    "xml": "svg",
    "yaml": "yml",
}
LANGUAGES = {alias: name for name, others in _ALIASES.items() for alias in (name, *others.split())}

# Plain comments share the class of another kind, because `.c` is the class of readers' comments.
_SHORT = {token: "cm" if name == "c" else name for token, name in STANDARD_TYPES.items()}
# Most of any code is of these classes; with the colour of text they would only double the HTML.
_PLAIN = frozenset(["", "n", "p", "w", "x", "l", "g", "err", "esc", "nx", "pm"])
CLASSES = frozenset(_SHORT.values()) - _PLAIN

_log = logging.getLogger(__name__)


class _Java(JavaLexer):  # type: ignore[misc]  # Pygments publishes no types.
    """Java without the rule for heads of methods, which takes the square of their words."""

    tokens = {
        "root": [
            rule
            for rule in JavaLexer.tokens["root"]
            if not (isinstance(rule, tuple) and r"\s+)+?" in rule[0])
        ]
    }


def render_code(code: str, language: str) -> str | None:
    """Return `code` escaped and with spans of CLASSES, or None if it must stay as it is.

    That is so in an unknown language, beyond CODE_MAX characters or SPANS_MAX spans, with lines
    or gaps of unusual length, and when the lexer fails.
    """
    name = LANGUAGES.get(language.lower())
    if name is None or not _is_bounded(code):
        return None
    try:
        runs = list(_merge_runs(code, name))
    except Exception:  # code without colours is better than no code
        _log.exception("%d characters of %s were left without colours", len(code), name)
        return None
    # A lexer that drops or changes a character would change what somebody wrote.
    faithful = "".join(text for text, _ in runs) == code
    if not faithful or sum(bool(kind) for _, kind in runs) > SPANS_MAX:
        return None
    return "".join(
        f'<span class="{kind}">{escape(text, quote=False)}</span>'
        if kind
        else escape(text, quote=False)
        for text, kind in runs
    )


def _is_bounded(code: str) -> bool:
    return (
        len(code) <= CODE_MAX
        and code.count("\\") <= _BACKSLASHES_MAX
        and _LONG_GAP.search(code) is None
        and all(len(line) <= _LINE_MAX for line in code.split("\n"))
    )


def _get_lexer(name: str) -> Lexer:
    # Always a new one, because some lexers have state.
    return _find_lexer_class(name)(stripnl=False, ensurenl=False)


@cache
def _find_lexer_class(name: str) -> type[Lexer]:
    return _Java if name == "java" else find_lexer_class_by_name(name)


def _merge_runs(code: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the code in runs of one class each; "" is no class."""
    tokens = ((_get_class(kind), text) for kind, text in _get_lexer(name).get_tokens(code) if text)
    for kind, group in groupby(tokens, key=lambda token: token[0]):
        yield "".join(text for _, text in group), kind


def _get_class(kind: Token) -> str:
    while kind not in _SHORT:
        kind = kind.parent
    return "" if _SHORT[kind] in _PLAIN else _SHORT[kind]
