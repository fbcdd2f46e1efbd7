"""Hostile texts, made from families of tricks and the places of Markdown they may stand in."""

from collections.abc import Iterator

SCHEMES = ("javascript", "data", "vbscript", "file", "blob", "livescript", "x")
BODIES = ("123", "boom(1)", "//host.example/%0Aboom(1)", "text/html;base64,PGI+")


def _spellings(scheme: str) -> Iterator[str]:
    """Yield spellings of a scheme with its colon, as half of the tricks are about the colon."""
    half = len(scheme) // 2
    head, tail = scheme[:half], scheme[half:]
    yield f"{scheme}:"
    yield f"{scheme.upper()}:"
    yield "".join(c.upper() if i % 2 else c for i, c in enumerate(scheme)) + ":"
    yield f" \t{scheme}:"
    yield f"\x01{scheme}:"
    yield f"{head}\t{tail}:"
    yield f"{head}\n{tail}:"
    yield f"{head}\x00{tail}:"
    yield f"{head}\u200b{tail}:"
    yield f"{head}\u00ad{tail}:"
    yield f"{head}\u202e{tail}:"
    yield f"\ufeff{scheme}:"
    yield f"{scheme}\uff1a"
    yield f"{scheme}&colon;"
    yield f"{scheme}&#58;"
    yield f"{scheme}&#x3A"
    yield f"{scheme}&#0000058;"
    yield f"{head}&Tab;{tail}:"
    yield f"{head}&NewLine;{tail}&colon;"
    yield f"{head}&#9;{tail}:"
    yield f"{head}&#0;{tail}:"
    yield "".join(f"&#{ord(c)};" for c in scheme) + ":"
    yield "".join(f"&#x{ord(c):x}" for c in scheme) + ":"
    yield "".join(f"%{ord(c):02x}" for c in scheme) + "%3A"
    yield "".join(chr(ord(c) + 0xFEE0) for c in scheme) + ":"
    yield f"{head}\\{tail}:"
    yield f"{scheme}\\:"
    yield f"feed:{scheme}:"
    yield f"view-source:{scheme}:"


def _addresses() -> Iterator[str]:
    for number, scheme in enumerate(SCHEMES):
        for place, spelling in enumerate(_spellings(scheme)):
            # The first scheme meets every body; the others take turns.
            bodies = BODIES if number == 0 else (BODIES[(number + place) % len(BODIES)],)
            if number == 0 or place % 4 == number % 4:
                for body in bodies[: 2 if place else 4]:
                    yield spelling + body
    yield from (
        "//host.example/x",
        "/\\host.example",
        "https:/host.example",
        "https:host.example",
        "https://",
        "https:///path",
        "https://?q",
        "https://user@host.example/",
        "https://good.example@host.example/",
        "https://good.example\\@host.example/",
        "https://ho st.example/",
        "https://host.example:80x/",
        "https://[::1",
        "https://%68ost.example/",
        'https://host.example/" onmouseover=boom(1) x="',
        "https://host.example/' onfocus='boom(1)",
        "https://host.example/`onload=boom(1)`",
        "https://host.example/?a=<b>&lt;i&gt;",
        "https://host.example/\u202egnp.exe",
        "https://\u0430pple.example/",
        "mailto:",
        "mailto:a@b.example?bcc=c@d.example&body=%0d%0ax",
        "mailto:<b>@b.example",
        "mailto:a@b.example\r\nbcc:c@d.example",
        "ht&#116;ps://host.example/&quot;onclick=boom(1)",
    )


_HANDLERS = ("onclick", "onerror", "onload", "onfocus", "onmouseover", "ontoggle", "onbegin")
_TAGS = (
    "script style svg math iframe object embed form input button img video audio base link meta "
    "template details marquee body textarea title noscript xmp plaintext dialog portal x-foo "
    "a p code span"
)
_ATTRIBUTES = (
    'id="main"',
    'name="csrf_token"',
    'class="admin"',
    'class="language-x y"',
    'class="language-"',
    'class="host"',
    'class="host visually-hidden"',
    'class="k"',
    'class="K"',
    'class="c"',
    'class="visually-hidden"',
    'class="k&#32;c"',
    'style="position:fixed;inset:0"',
    'style="background:url(javascript:boom(1))"',
    'data-hx-get="/steal"',
    'hx-get="/steal" hx-trigger="load"',
    'hx-on:click="boom(1)"',
    'hx-vals="js:{a:boom(1)}"',
    'data-action="x"',
    'aria-hidden="true"',
    'dir="rtl"',
    'tabindex="1" autofocus',
    'contenteditable="true"',
    'is="x-foo"',
    'slot="x"',
    'popovertarget="main"',
    'target="_blank"',
    'rel="opener"',
    'download="x.exe"',
    'ping="https://host.example/"',
    'xmlns="http://www.w3.org/2000/svg"',
    'xlink:href="javascript:boom(1)"',
    'formaction="javascript:boom(1)"',
    'srcdoc="<script>boom(1)</script>"',
    'href="javascript:boom(1)" href="https://host.example/"',
)
_BREAKS = (
    '" onclick="boom(1)',
    "' onclick='boom(1)",
    '\\" onclick=\\"boom(1)',
    "&quot; onclick=&quot;boom(1)",
    "&#34; onclick=boom(1) x=&#34;",
    '"><script>boom(1)</script>',
    '\n\n"><img src=x onerror=boom(1)>',
    "`` ` <b onclick=boom(1)>",
    "--><script>boom(1)</script><!--",
    "]]><script>boom(1)</script>",
    "</code></pre><script>boom(1)</script>",
    "</p></li></ul></blockquote></main></body>",
    '") <script>boom(1)</script>',
    "](javascript:boom(1))",
    ")](javascript:boom(1)",
    "x](https://host.example/) [y](javascript:123",
)
_SHAPES = (
    "<scr<script>ipt>boom(1)</scr</script>ipt>",
    "<<script>boom(1)//<</script>",
    "<script\x00>boom(1)</script>",
    "<script/x>boom(1)</script >",
    "<\nscript>boom(1)",
    "<img src=x onerror=boom(1)",
    "<svg><style><img src=x onerror=boom(1)></style>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<img src=1 onerror=x>'>",
    "<svg></p><style><g title='</style><img src onerror=boom(1)>'>",
    "<noscript><p title='</noscript><img src onerror=boom(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=boom(1)>",
    "<svg><a xlink:href='javascript:boom(1)'><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:boom(1) /></svg>",
    "<!--[if IE]><script>boom(1)</script><![endif]-->",
    "<!-- --!><script>boom(1)</script>",
    "<!-->",
    "<!---><img src=x onerror=boom(1)>",
    "<![CDATA[<script>boom(1)</script>]]>",
    "<?xml version='1.0'?><?php boom(1) ?>",
    "<!DOCTYPE html><html><head><base href='//host.example/'></head>",
    "<!ENTITY x 'boom'>&x;",
    "&lt;script&gt;boom(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;boom(1)",
    "&#60;script&#62;boom(1)",
    "&#x3c;img src=x onerror=boom(1)&#x3e",
    "+ADw-script+AD4-boom(1)+ADw-/script+AD4-",
    "\u00bcscript\u00beboom(1)\u00bc/script\u00be",
    "\uff1cscript\uff1eboom(1)\uff1c/script\uff1e",
    "\x1b$B<script>boom(1)\x1b(B",
    "\ud800<script>\udfff",
    "%3Cscript%3Eboom(1)%3C/script%3E",
    "\\u003cscript\\u003eboom(1)",
    "\\<script\\>boom(1)",
    "<b><i><a href='x'><p></b></i></a></p>",
    "<ul><li><ul><li><p><blockquote>",
    "<table><tr><td><a href=javascript:boom(1)>x",
    "<select><option><script>boom(1)",
    "{{ 7 * 7 }} {% boom %} ${7*7} #{7*7} <%= 7*7 %>",
    "\u202e<script>\u202c\u2066x\u2069",
    "a\u200b\u200c\u200d\u2060\ufeffb<i\u200b>",
    "a" + "\u0301" * 60,
    "&#x202e;gnp.exe &#8238; &#x2066;",
    "&#0; &#xD800; &#x110000; &#xFFFF; &ZeroWidthSpace;",
    "\U000e0041\U000e0042\U000e007f",
)


def payloads() -> list[str]:
    """Every payload once, in a fixed order."""
    found = list(_addresses())
    for number, tag in enumerate(_TAGS.split()):
        handler = _HANDLERS[number % len(_HANDLERS)]
        attribute = _ATTRIBUTES[number % len(_ATTRIBUTES)]
        found.append(f"<{tag} {handler}=boom(1)>x</{tag}>")
        found.append(f"<{tag.upper()}/{attribute}/src=//host.example>")
    found += [f"<a href=https://host.example/ {attribute}>x</a>" for attribute in _ATTRIBUTES]
    found += [f"<code {attribute}>x</code>" for attribute in _ATTRIBUTES]
    found += [f"<span {attribute}>x</span>" for attribute in _ATTRIBUTES]
    found += _BREAKS
    found += _SHAPES
    return list(dict.fromkeys(found))


CONTEXTS = (
    "{}",
    "before **{}** after",
    "[x]({})",
    "[x](<{}>)",
    '[x](https://ok.example "{}")',
    "[{}](https://ok.example)",
    "![{}]({})",
    "<{}>",
    "[x]: {}\n\n[x] [y][x]",
    "`{}`",
    "```{}\n{}\n```",
    "> {}\n> - {}",
    "1. [x]({})\n   *{}",
    "# {}\n{}\n===",
    "https://ok.example/{}",
    "    {}",
    "|{}|\n|-|\n|{}|",
    "*a [b `c]({}) {}*`",
    "```python {}\n{}\n```",
    "~~~html\n{}\n~~~",
    "[ok.example {}](https://host.example/{})",
)


def in_contexts(payload: str) -> list[str]:
    """Return the payload in each of the places of Markdown."""
    return [context.replace("{}", payload) for context in CONTEXTS]


# What makes one stage or another of such a pipeline slow or its output large.
GROWTH = (
    "![", "- a\n", "http://a.b/(", "***a", "~~~\n", "```\n", "`", "_*", "**a", "> ", "* ", "1. ",
    "<", "&", "[", "[](", "[a](", "](", "\\", "a\n", "a\n\n", "*a* ", "`a", "# a ", "<ul><li>",
    "<a b=c>", "http://a-a-a-", "((", "&amp;", "&#x301;", "a\u0301", "<!--", "<![CDATA[", "| a ",
    "[a]: b\n", "\t", " ", "\u05d0", "![a](b", "*a_ ", "<http://a.b>",
)  # fmt: skip
