import json
from pathlib import Path

import pytest

from app.text import HTML_MAX, TooLong, clean_html, make_plain
from tests.cases import each
from tests.text.strict import read_strictly

THREADS = Path(__file__).parents[2].parent / "shared" / "data" / "threads"
FILES = sorted(THREADS.glob("*.json"))
REL = 'rel="nofollow ugc noopener"'
HOST = '<span class="host">(host.example)</span>'

# Shapes of forums and wikis, with what must come of them.
SHAPES = [
    ("<p>a</p>", "<p>a</p>"),
    ("just text", "<p>just text</p>"),
    ('<div class="md"><p>a &#39;b&#39;</p>\n\n<p>c</p>\n</div>', "<p>a 'b'</p>\n<p>c</p>"),
    ("a<br>b", "<p>a<br>b</p>"),
    ("a<br>\n<br>b<br><br>", "<p>a</p>\n<p>b</p>"),
    ("<p><br>a<br></p><p> </p><p>&nbsp;</p>", "<p>a</p>\n<p>&nbsp;</p>"),
    ("<p></p><div><div></div></div><ul><li></li></ul>", ""),
    ("<b>a</b> <i>b</i> <strike>c</strike>", "<p><strong>a</strong> <em>b</em> <s>c</s></p>"),
    ("x <span style='color:red'>y</span><font>z</font>", "<p>x yz</p>"),
    ("<b><p>a</p><p>b</p></b>", "<p><strong>a</strong></p>\n<p><strong>b</strong></p>"),
    ("<b>a<b>b</b></b>", "<p><strong>ab</strong></p>"),
    ("<dl><dd>a<dl><dd>b</dd></dl></dd><dt>c</dt></dl>", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
    ("<h2>t <b>u</b></h2>x", "<p><strong>t u</strong></p>\n<p>x</p>"),
    (
        "<table><tbody><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></tbody></table>",
        "<p>a | b</p>\n<p>c</p>",
    ),
    ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a</li>\n<li>b</li>\n</ul>"),
    ("<ul><li><p>a</p><p>b</p></li></ul>", "<ul><li>a<p>b</p>\n</li>\n</ul>"),
    (
        "<ol start=3><li>a<ul><li>b</ul></ol>",
        '<ol start="3"><li>a<ul><li>b</li>\n</ul>\n</li>\n</ol>',
    ),
    ("<ul>a<li>b</li></ul>", "<ul><li>a</li>\n<li>b</li>\n</ul>"),
    ("<li>a</li>b", "<p>a</p>\n<p>b</p>"),
    ("<blockquote><p>a</p></blockquote>b", "<blockquote><p>a</p>\n</blockquote>\n<p>b</p>"),
    ("a<hr>b", "<p>a</p>\n<hr>\n<p>b</p>"),
    ("<pre>a\n  <b>b</b><br>c</pre>", "<pre><code>a\n  b\nc\n</code></pre>"),
    (
        '<pre><code class="language-py">a &lt; b</code></pre>',
        '<pre><code class="language-py">a <span class="o">&lt;</span> b\n</code></pre>',
    ),
    ("use <code class='x'>a</code>", "<p>use <code>a</code></p>"),
    ("H<sub>2</sub>O <kbd>x</kbd>", "<p>H<sub>2</sub>O <kbd>x</kbd></p>"),
    (
        '<a href="https://host.example/?a=1&amp;b=2" title=t class=x>l</a>',
        f'<p><a href="https://host.example/?a=1&amp;b=2" {REL}>l</a> {HOST}</p>',
    ),
    (
        '<a href="https://host.example/\u00e9">l</a>',
        f'<p><a href="https://host.example/%C3%A9" {REL}>l</a> {HOST}</p>',
    ),
    ('<a href="/r/x">/r/x</a> <a href="javascript:1">y</a> <a name=z>z</a>', "<p>/r/x y z</p>"),
    ('<a href="https://host.example/"><img src=x></a>b', "<p>b</p>"),
    ("a<!-- b --><![CDATA[c]]><?php d ?>e", "<p>ae</p>"),
    ("<head><title>t</title><style>s</style></head><body>a</body>", "<p>a</p>"),
    ("<script>a</script><style>b</style><svg><text>c</text></svg>d", "<p>d</p>"),
    ("<form><button>a</button><textarea>b</textarea></form>", "<p>ab</p>"),
    ("&lt;script&gt;a&lt;/script&gt;", "<p>&lt;script&gt;a&lt;/script&gt;</p>"),
    ("a &#8238;b\u202ec", "<p>a bc</p>"),
    ("سڵاو\u200f <i>x</i>.", "<p>سڵاو\u200f <em>x</em>.</p>"),
    (
        "<a href='https://host.example/'><div>a</div><div>b</div></a>",
        f'<p><a href="https://host.example/" {REL}>a</a> {HOST}</p>\n<p>b</p>',
    ),
]


@each(("html", "expected"), SHAPES)
def test_a_shape_of_a_forum_or_wiki_becomes_readable_blocks(html, expected):
    cleaned = clean_html(html)
    read_strictly(cleaned)
    assert cleaned.strip("\n") == expected


@each("html", [html for html, _ in SHAPES])
def test_cleaning_what_is_clean_keeps_its_text(html):
    once = clean_html(html)
    assert make_plain(clean_html(once)) == make_plain(once)


def test_depth_has_an_end_and_the_text_stays():
    html = clean_html("<ul><li><blockquote><b><div>" * 200 + "deep")
    assert html.count("<blockquote>") <= 20
    assert html.count("<strong>") == 1
    assert "deep" in html


def test_text_after_deep_emphasis_is_plain_again():
    assert clean_html("<b><i>" * 40 + "a" + "</i></b>" * 40 + "<p>b").endswith("<p>b</p>\n")


def test_html_beyond_the_limit_is_refused():
    assert clean_html("a" * HTML_MAX)
    with pytest.raises(TooLong):
        clean_html("a" * (HTML_MAX + 1))


def test_the_worst_html_of_full_length_comes_to_an_end():
    """What takes longest and becomes largest; tests/text/test_text_hostile.py has other shapes."""
    html = clean_html(("<b id=1><p>x" * HTML_MAX)[:HTML_MAX])
    read_strictly(html)
    assert len(html) <= 7 * HTML_MAX


@pytest.mark.skipif(not FILES, reason="The sample threads in ../shared/data/threads are not here.")
def test_real_threads_come_through_clean_and_whole():
    for file in FILES:
        for comment in json.loads(file.read_text("utf-8"))["comments"]:
            html = comment.get("text_html") or ""
            cleaned = clean_html(html)
            read_strictly(cleaned)
            assert _letters(cleaned) == _letters(html), comment["id"]


def _letters(html):
    return [
        character for character in make_plain(html) if not character.isspace() and character != "|"
    ]
