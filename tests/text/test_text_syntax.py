"""Code in a known language is coloured; other code, and what is too much, stays as it is."""

import re
from itertools import cycle

from pygments.token import STANDARD_TYPES

from app.text import (
    SOURCE_MAX,
    clean_html,
    make_excerpt,
    make_plain,
    render,
    render_article,
    syntax,
)
from app.text.decorate import SPANS_MAX
from app.text.sanitize import ARTICLES, COMMENTS, HOST_CLASS, SPAN_CLASSES
from tests.cases import each
from tests.test_static import ROOT, contrast, tokens
from tests.text.hostile import GROWTH
from tests.text.strict import CODE_CLASSES, read_strictly

STYLES = (ROOT / "static/css/discussion.css").read_text().partition("/* == Code and links")[2]


def block(code: str, language: str = "python") -> str:
    return f"```{language}\n{code}\n```"


def test_code_of_a_comment_is_coloured():
    assert render(block("def f(): # <b>", "py")) == (
        '<pre><code class="language-py"><span class="k">def</span> <span class="nf">f</span>(): '
        '<span class="c1"># &lt;b&gt;</span>\n</code></pre>\n'
    )


def test_code_of_an_article_and_of_an_import_is_coloured_too():
    assert '<span class="kc">null</span>' in render_article(block('{"a": null}', "json"))
    html = '<pre><code class="language-json">{"a": null}</code></pre>'
    assert '<span class="kc">null</span>' in clean_html(html)


@each(
    ("language", "code", "piece"),
    [
        ("py", "import this", '<span class="kn">import</span>'),
        ("js", "const a = 1;", '<span class="kd">const</span>'),
        ("TS", "let a: number", '<span class="kt">number</span>'),
        ("html", "<p>x</p>", '<span class="nt">p</span>'),
        ("css", "a { color: red }", '<span class="nt">a</span>'),
        ("sh", "if true; then", '<span class="k">if</span>'),
        ("sql", "SELECT 1", '<span class="k">SELECT</span>'),
        ("c", "return 0;", '<span class="k">return</span>'),
        ("C++", "class A;", '<span class="k">class</span>'),
        ("rust", "fn main()", '<span class="k">fn</span>'),
        ("go", "func f()", '<span class="kd">func</span>'),
        ("java", "public int a() { }", '<span class="kd">public</span>'),
        ("yml", "a: 1", '<span class="nt">a</span>'),
        ("toml", "a = 1", '<span class="mi">1</span>'),
        ("diff", "+ new", '<span class="gi">+ new</span>'),
        ("bash title=x", "echo", '<span class="nb">echo</span>'),
    ],
)
def test_a_common_language_is_known(language, code, piece):
    html = render(block(code, language))
    read_strictly(html)
    assert piece in html


@each("name", sorted(set(syntax.LANGUAGES.values())))
def test_every_language_of_the_list_has_a_lexer_that_loses_nothing(name):
    code = "a = \"b\" # c\n\t<d e='1'> {f: 2.5} // g\r\n\n\\x é 中 😀\n".replace("\r", "")
    html = syntax.render_code(code, name)
    assert html is not None
    assert make_plain(f"<pre>{html}</pre>").split() == code.split()


@each("language", ["", "text", "brainfuck", "py\u200bthon", "../x", "python2"])
def test_an_unknown_language_stays_as_it_is(language):
    assert "<span" not in render(block("import this", language))


def test_code_without_a_fence_stays_as_it_is():
    assert "<span" not in render("    import this") + render("`import this`")


def test_code_is_coloured_up_to_its_limit_and_not_beyond():
    line = "# comment\n"
    code = line * (syntax.CODE_MAX // len(line))
    assert syntax.render_code(code, "py") is not None
    assert syntax.render_code(code + "#", "py") is None
    assert "<span" not in render(block(code + "#"))


@each("code", ["x" * 500, "a" + " " * 200 + "b", "a" + "\n" * 200, "\\x " * 400])
def test_code_that_nobody_writes_and_that_lexers_are_slow_with_stays_as_it_is(code):
    assert syntax.render_code("x = 1\n", "py")
    assert syntax.render_code(code, "py") is None


def test_more_spans_than_a_page_can_bear_are_not_written():
    assert syntax.render_code("1+" * 4 + "\n", "py").count("<span") == 8
    assert syntax.render_code(("1+" * 40 + "\n") * 30, "py") is None


@each("unit", ["```c\n1\n```\n", "```py\n1+1+1+1\n```\n", "~~~ js\na=>0\n~~~\n"])
def test_many_small_blocks_share_one_bound(unit):
    html = render((unit * SOURCE_MAX)[:SOURCE_MAX])
    read_strictly(html)
    assert 0 < html.count("<span") <= SPANS_MAX


@each(("name", "unit"), zip(cycle(["python", "html", "c"]), GROWTH))
def test_growing_code_gives_bounded_and_clean_output(name, unit):
    lines = (unit * 5_000)[:4_900]
    code = "\n".join(lines[at : at + 350] for at in range(0, len(lines), 350))
    html = render(f"`````{name}\n{code}\n`````")
    read_strictly(html)
    assert len(html) <= 6 * len(code) + 40 * syntax.SPANS_MAX


def test_no_head_of_a_method_makes_java_slow():
    patterns = [rule[0] for rule in syntax._Java.tokens["root"] if isinstance(rule, tuple)]
    assert len(patterns) > 20
    assert not any(re.search(r"\\s\+\)\+", pattern) for pattern in patterns)


def test_a_lexer_that_fails_leaves_the_code_uncoloured(caplog, monkeypatch):
    monkeypatch.setitem(syntax.LANGUAGES, "broken", "there-is-no-such-lexer")
    assert render(block("a < b", "broken")) == (
        '<pre><code class="language-broken">a &lt; b\n</code></pre>\n'
    )
    assert "left without colours" in caplog.text


def test_words_of_code_are_those_of_its_writer():
    source = block('print("a", b)', "py")
    assert make_plain(render(source)) == 'print("a", b)'
    assert make_excerpt(render(source), 99) == make_excerpt(source, 99) == 'print("a", b)'


def test_the_classes_are_those_of_pygments_and_of_no_comment():
    assert set(STANDARD_TYPES.values()) > syntax.CLASSES
    assert syntax.CLASSES == CODE_CLASSES
    assert "c" not in syntax.CLASSES
    assert CODE_CLASSES | {HOST_CLASS} == SPAN_CLASSES
    assert '<span class="cm">' in render(block("<!-- x -->", "html"))


@each("gates", [COMMENTS, ARTICLES])
def test_both_gates_let_the_same_classes_of_a_span_pass(gates):
    tried = [
        *SPAN_CLASSES,
        "",
        "c",
        "n",
        "K",
        "k ",
        " k",
        "k k",
        "visually-hidden",
        "hosts",
        "comment-body",
        "language-c",
    ]
    for name in tried:
        html = f'<span class="{name}">x</span>'
        kept = html if name in SPAN_CLASSES else "<span>x</span>"
        assert (gates.first_gate(html), gates.last_gate(html)) == (kept, kept)


def test_the_colours_can_be_read_on_the_ground_of_code():
    used = set(re.findall(r"color: var\(--([\w-]+)\)", STYLES))
    assert len(used) >= 5
    for scheme in ("light", "dark"):
        colours = tokens(scheme)
        assert {name for name in used if contrast(colours[name], colours["sunken"]) < 4.5} == set()


def test_the_styles_name_only_classes_that_are_written():
    named = set(
        re.findall(r"\.([a-z]+[0-9]?)\b(?!-)", re.sub(r"/\*.*?\*/", "", STYLES, flags=re.S))
    )
    assert named - {"prose", "opinion", "c"} <= SPAN_CLASSES
    assert len(STYLES) < 1_500
