"""What honest people write stays visible as they meant it."""

from app.text import render
from tests.cases import each
from tests.text.strict import read_strictly

# Source, and the fragments of HTML that must come of it.
SAMPLES = [
    ("Is a < b && b > c?", ["Is a &lt; b &amp;&amp; b &gt; c?"]),
    ("if (a<b) return", ["if (a&lt;b) return"]),
    ("Use `<script>` with care", ["<code>&lt;script&gt;</code>"]),
    ("`` a ` b ``", ["<code>a ` b</code>"]),
    ('```text\n<p class="x">&amp;</p>\n```', ['language-text">&lt;p class="x"&gt;&amp;amp;&lt;']),
    ("```\nfor i in range(3):\n    print(i)\n```", ["in range(3):\n    print(i)\n"]),
    ("~~~c++\nint x;\n~~~", ['<code class="language-c++"><span class="kt">int</span> x;']),
    ("    indented <b>\n    code", ["<pre><code>indented &lt;b&gt;\ncode"]),
    ("Raw <b>bold</b> tags", ["Raw &lt;b&gt;bold&lt;/b&gt; tags"]),
    ("vector<int> v; List<String>", ["vector&lt;int&gt; v; List&lt;String&gt;"]),
    ("\"Quoted\" and 'single' and it's", ["\"Quoted\" and 'single' and it's"]),
    ("“Curly” – dashes — and … dots", ["“Curly” – dashes — and … dots"]),
    ("one\ntwo", ["<p>one<br>\ntwo</p>"]),
    ("one\r\n\r\ntwo", ["<p>one</p>\n<p>two</p>"]),
    ("- a\n- b\n  - c", ["<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>"]),
    ("7. seven\n8. eight", ['<ol start="7">\n<li>seven</li>\n<li>eight</li>']),
    ("> quoted\n> more\n\nanswer", ["<blockquote>\n<p>quoted<br>\nmore</p>", "<p>answer</p>"]),
    ("*em*, **strong**, ***both***", ["<em>em</em>, <strong>strong</strong>, <em><strong>both"]),
    ("snake_case_name and 2*3*4", ["snake_case_name and 2<em>3</em>4"]),
    ("[text](https://host.example/a?b=1&c=2)", ['href="https://host.example/a?b=1&amp;c=2"']),
    ("See https://host.example/a_b_c.", ['">https://host.example/a_b_c</a>.']),
    ("<https://host.example:8080/x#y>", ['href="https://host.example:8080/x#y"']),
    ("[mail](mailto:desk@host.example)", ['href="mailto:desk@host.example"']),
    ("www.host.example and a.py stay text", ["<p>www.host.example and a.py stay text</p>"]),
    ("# not a heading, #tag", ["<p># not a heading, #tag</p>"]),
    ("Party 🎉 👩‍🚀 🏳️‍🌈 🏴󠁧󠁢󠁳󠁣󠁴󠁿 1️⃣", ["Party 🎉 👩‍🚀 🏳️‍🌈 🏴󠁧󠁢󠁳󠁣󠁴󠁿 1️⃣"]),
    ("سڵاو، ئەمە تاقیکردنەوەیە\u200f.", ["سڵاو، ئەمە تاقیکردنەوەیە\u200f."]),
    ("می‌خواهم שָׁלוֹם עולם", ["می\u200cخواهم שָׁלוֹם עולם"]),
    ("这是**重要**的。日本語も、한국어도", ["这是<strong>重要</strong>的。日本語も、한국어도"]),
    ("हिन्दी में क्ष, ไทย, Tiếng Việt, e\u0301", ["हिन्दी में क्ष, ไทย, Tiếng Việt, e\u0301"]),
    ("x² ≤ ½ → ∞; 5 \\* 3; $\\alpha$; C:\\dir", ["x² ≤ ½ → ∞; 5 * 3; $\\alpha$; C:\\dir"]),
]


def test_there_are_thirty_one_benign_samples():
    assert len(SAMPLES) == 31


@each(("source", "fragments"), SAMPLES)
def test_a_benign_text_stays_visible(source, fragments):
    html = render(source)
    read_strictly(html)
    for fragment in fragments:
        assert fragment in html
