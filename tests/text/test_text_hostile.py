"""Nothing that a person types may become more than the few tags of the allow-list."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import SOURCE_MAX, clean_html, mark_words, render, render_article
from app.text.decorate import decorate
from app.text.markdown import make_article_parser, make_comment_parser
from app.text.normalise import normalise
from app.text.sanitize import ARTICLES, COMMENTS
from tests.cases import each
from tests.text.hostile import CONTEXTS, GROWTH, in_contexts, payloads
from tests.text.strict import read_loosely, read_strictly

PAYLOADS = payloads()
COMMENT_PARSER, ARTICLE_PARSER = make_comment_parser(), make_article_parser()
numbered = each("payload", PAYLOADS)
anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
pieces = st.lists(
    st.sampled_from([*PAYLOADS, *CONTEXTS, *GROWTH, " ", "\n", "\n\n", "](", '"', "`", "\\"]),
    max_size=12,
).map("".join)
bounded = settings(max_examples=120, deadline=None, derandomize=True, database=None)


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(PAYLOADS) >= 150
    assert len(CONTEXTS) >= 15


@numbered
def test_a_comment_holds_only_the_allow_list(payload):
    for source in in_contexts(payload):
        read_strictly(render(source))


@numbered
def test_an_article_holds_only_the_allow_list(payload):
    read_strictly(render_article("\n\n".join(in_contexts(payload))), article=True)
    for source in in_contexts(payload)[::4]:
        read_strictly(render_article(source), article=True)


@numbered
def test_imported_html_holds_only_the_allow_list(payload):
    for html in (payload, f'<a href="{payload}">x</a>', f"<p title='{payload}'>{payload}<ul>x"):
        read_strictly(clean_html(html))


@numbered
def test_the_gates_hold_when_the_renderer_fails(payload):
    payload = normalise(payload)
    for html in (
        payload,
        f'<code class="{payload}">x</code>',
        f'<span class="{payload}">x</span>',
        f"<p {payload}>{payload}",
    ):
        read_strictly(COMMENTS.clean(html), gates_alone=True)


@numbered
def test_bleach_and_nh3_agree_on_what_the_parser_writes(payload):
    # A third of the contexts each, in turn: together the payloads meet them all.
    for source in map(normalise, in_contexts(payload)[len(payload) % 3 :: 3]):
        html = decorate(COMMENT_PARSER.render(source))
        assert read_loosely(COMMENTS.first_gate(html)) == read_loosely(COMMENTS.last_gate(html))
    html = decorate(ARTICLE_PARSER.render(normalise("\n\n".join(in_contexts(payload)))))
    assert read_loosely(ARTICLES.first_gate(html)) == read_loosely(ARTICLES.last_gate(html))


@numbered
def test_bleach_and_nh3_agree_on_every_attribute(payload):
    value = payload.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    value = normalise(value)
    for tag, name in (
        *(("a", "href"), ("a", "onclick"), ("code", "class"), ("ol", "start")),
        *(("span", "class"), ("span", "title"), ("p", "class")),
    ):
        html = f'<{tag} {name}="{value}" rel="nofollow ugc noopener">x</{tag}>'
        first, last = (
            read_loosely(COMMENTS.first_gate(html)),
            read_loosely(COMMENTS.last_gate(html)),
        )
        assert first == last


def test_a_scheme_with_digits_is_refused_by_each_gate_alone():
    html = '<p><a href="javascript:123" rel="nofollow ugc noopener">x</a></p>'
    assert "javascript" not in COMMENTS.first_gate(html)
    assert "javascript" not in COMMENTS.last_gate(html)


def test_an_address_behind_entities_is_refused_by_each_gate_alone():
    html = '<p><a href="&#106;avascript&colon;boom(1)">x</a></p>'
    assert "boom" not in COMMENTS.first_gate(html)
    assert "boom" not in COMMENTS.last_gate(html)


@bounded
@given(anything)
def test_any_text_renders_clean(source):
    read_strictly(render(source))
    read_strictly(render_article(source), article=True)


@bounded
@given(pieces)
def test_any_mixture_of_tricks_renders_clean(source):
    read_strictly(render(source[:SOURCE_MAX]))


@bounded
@given(pieces)
def test_any_mixture_of_tricks_imports_clean(source):
    read_strictly(clean_html(source))


@bounded
@given(pieces, st.lists(st.sampled_from(["script", "boom*", "a", "<", "x y"])))
def test_marked_words_never_let_markup_through(text, words):
    marked = mark_words(text, words)
    rest = marked.replace("<mark>", "").replace("</mark>", "").replace("<br>", "")
    assert "<" not in rest
    assert marked.count("<mark>") == marked.count("</mark>")


@each("unit", GROWTH)
def test_growing_input_of_maximal_length_gives_bounded_output(unit):
    source = (unit * SOURCE_MAX)[:SOURCE_MAX]
    html = render(source)
    read_strictly(html)
    assert len(html) <= 7 * len(source) + 200


def test_the_dearest_link_gives_bounded_output():
    source = ("<a@b.co>" * SOURCE_MAX)[:SOURCE_MAX]
    assert len(render(source)) <= 8 * SOURCE_MAX


@each("unit", [*GROWTH, "<b><p>x", "<b>", "<q>", "<i><b></i>", "<td>", "<dl><dd>", "<pre>", "<br>"])
def test_growing_imports_give_bounded_output(unit):
    html = clean_html((unit * 10_000)[:10_000])
    read_strictly(html)
    assert len(html) <= 7 * 10_000 + 200


def test_a_link_around_many_paragraphs_is_not_written_again_for_each():
    href = "https://host.example/" + "a" * 1_500
    html = clean_html(f'<a href="{href}">' + "<p>x</p>" * 1_000 + "</a>")
    assert html.count(href) == 1
