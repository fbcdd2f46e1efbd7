"""The sample content is whole, keeps its documented form and is written in our own words."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.cases import each

ROOT = Path(__file__).resolve().parent.parent
CONTENT = ROOT / "app" / "samples" / "content"
SITE = ROOT / "templates" / "site"
PAGES = sorted(page for page in SITE.glob("*.html") if page.stem != "theme")  # texts, no form
ARTICLES = sorted((CONTENT / "articles").glob("*.json"))
DISCUSSIONS = sorted((CONTENT / "discussions").glob("*.json"))
SEED = ROOT.parent / "shared" / "seed"
NEWS = ROOT.parent / "shared" / "data" / "articles" / "ai-articles.json"

CATEGORIES = ["Research", "Funding & Business", "Open Source", "Products", "Policy", "Safety"]
LEAD = "chip-controls-pushed-chinese-ai-into-the-open"
SUGGESTED = [
    "harvey-reaches-11-billion-dollar-valuation",
    "brain2qwerty-v2-sentences-without-surgery",
    "claude-fable-and-the-sqlite-utils-4-release",
]
HEAD_FIELDS = {"headline", "slug", "organisation", "category", "topics", "published_at", "status"}
BODY_FIELDS = {"featured", "takeaways", "source", "summary", "opinion", "disclosure", "comments"}
COMMENT_FIELDS = {"id", "parent_id", "author", "created_at", "text", "score"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
USERNAME = re.compile(r"[A-Za-z0-9_-]{3,20}")
STAFF_LIKE = re.compile(r"admin|moderator|editor|staff|support|official|botbeat", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
LONGEST_SHARED_RUN = 7
KINDS = {
    "right to left": r"[\u0600-\u06FF]{3}",
    "japanese": r"[\u3040-\u30FF]{2}",
    "code block": r"^```",
    "quote": r"^> ",
    "list": r"^- ",
    "link": r"\]\(https://",
    "emoji": r"[\U0001F300-\U0001FAFF]",
    "two words": r"\A\w+ \w+\.\Z",
    "very long": r"(?s)\A.{2400,2700}\Z",
}


@cache
def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def depths(comments: list[dict[str, Any]]) -> dict[str, int]:
    levels: dict[str, int] = {}
    for comment in comments:
        parent = comment["parent_id"]
        levels[comment["id"]] = 1 if parent is None else levels[parent] + 1
    return levels


def runs(text: str) -> set[tuple[str, ...]]:
    """Every run of eight consecutive words, blind to case and punctuation."""
    words = WORD.findall(unescape(re.sub(r"<[^>]*>|{[{%].*?[%}]}", " ", text)).lower())
    size = LONGEST_SHARED_RUN + 1
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def our_texts() -> list[tuple[str, str]]:
    """All prose of the samples and pages; bare names are facts and are left out."""
    texts = [(page.name, page.read_text(encoding="utf-8")) for page in PAGES]
    for name, field in (
        ("categories", "description"),
        ("topics", "definition"),
        ("organisations", "description"),
    ):
        texts += [(name, row[field]) for row in load(CONTENT / f"{name}.json")]
    for path in ARTICLES:
        article = load(path)
        texts += [(path.name, article[f] or "") for f in ("headline", "summary", "opinion")]
        texts += [(path.name, takeaway) for takeaway in article["takeaways"]]
        texts += [(path.name, article["disclosure"] or "")]
    for path in DISCUSSIONS:
        texts += [(path.name, comment["text"]) for comment in load(path)["comments"]]
    return texts


@each(
    ("name", "fields"),
    [
        ("categories", {"name", "slug", "description"}),
        ("topics", {"name", "slug", "definition"}),
        ("organisations", {"name", "slug", "description", "website", "logo"}),
    ],
)
def test_a_list_has_all_fields_and_distinct_names_and_slugs(name: str, fields: set[str]) -> None:
    rows = load(CONTENT / f"{name}.json")
    assert all(set(row) == fields for row in rows)
    assert all(row["name"].strip() and SLUG.fullmatch(row["slug"]) for row in rows)
    assert len({row["name"] for row in rows}) == len(rows) == len({row["slug"] for row in rows})
    assert all(row.get("description") or row.get("definition") for row in rows)


def test_the_six_categories_stand_in_their_order() -> None:
    assert [row["name"] for row in load(CONTENT / "categories.json")] == CATEGORIES


def test_websites_are_https_and_no_logo_is_shipped() -> None:
    for row in load(CONTENT / "organisations.json"):
        assert row["website"] is None or row["website"].startswith("https://")
        assert row["logo"] is None


@each("path", ARTICLES)
def test_an_article_keeps_the_documented_form(path: Path) -> None:
    article = load(path)
    assert set(article) == HEAD_FIELDS | BODY_FIELDS
    assert article["slug"] == path.stem
    assert SLUG.fullmatch(article["slug"])
    assert 0 < len(article["headline"]) <= 200
    assert 2 <= len(article["takeaways"]) <= 4
    assert all(takeaway.strip() for takeaway in article["takeaways"])
    assert article["status"] == "published"
    assert isinstance(article["featured"], bool)
    assert moment(article["published_at"]).tzinfo is UTC
    assert set(article["source"]) == {"name", "url"}
    assert article["source"]["name"].strip()
    assert article["source"]["url"].startswith("https://")
    assert set(article["comments"]) == {"mode", "close_after_days"}


@each("path", ARTICLES)
def test_a_summary_is_paragraphs_and_then_a_closing_list(path: Path) -> None:
    *paragraphs, closing = load(path)["summary"].split("\n\n")
    assert 2 <= len(paragraphs) <= 4
    assert not any(paragraph.startswith("- ") for paragraph in paragraphs)
    points = closing.split("\n")
    assert 1 <= len(points) <= 2
    assert all(point.startswith("- ") for point in points)


@each("path", ARTICLES)
def test_an_article_names_only_what_the_lists_know(path: Path) -> None:
    known = {
        name: {row["name"] for row in load(CONTENT / f"{name}.json")}
        for name in ("categories", "topics", "organisations")
    }
    article = load(path)
    assert article["category"] in known["categories"]
    assert article["organisation"] in known["organisations"]
    assert article["topics"]
    assert set(article["topics"]) <= known["topics"]
    assert len(set(article["topics"])) == len(article["topics"])


def test_the_articles_fill_every_category_topic_and_organisation() -> None:
    articles = [load(path) for path in ARTICLES]
    assert len(articles) == 15
    assert {a["category"] for a in articles} == set(CATEGORIES)
    for name, used in (
        ("topics", {topic for a in articles for topic in a["topics"]}),
        ("organisations", {a["organisation"] for a in articles}),
    ):
        assert used == {row["name"] for row in load(CONTENT / f"{name}.json")}
    by_organisation = Counter(a["organisation"] for a in articles)
    assert len(by_organisation) >= 6
    assert sum(count >= 2 for count in by_organisation.values()) >= 3


def test_each_special_case_of_the_article_page_occurs_once() -> None:
    articles = [load(path) for path in ARTICLES]
    assert [a["slug"] for a in articles if a["featured"]] == [LEAD]
    assert sum(a["disclosure"] is None for a in articles) == 1
    assert sum(a["opinion"] == "" for a in articles) == 1
    assert Counter(a["comments"]["mode"] for a in articles) == {"open": 14, "closed": 1}


def test_shared_topics_and_then_recency_suggest_the_three_intended_stories() -> None:
    lead = load(CONTENT / "articles" / f"{LEAD}.json")
    others = [load(path) for path in ARTICLES if path.stem != LEAD]
    shared = {a["slug"]: len(set(a["topics"]) & set(lead["topics"])) for a in others}
    ranked = sorted(
        others, key=lambda a: (shared[a["slug"]], moment(a["published_at"])), reverse=True
    )
    assert [a["slug"] for a in ranked[:3]] == SUGGESTED
    assert min(shared[slug] for slug in SUGGESTED) > shared[ranked[3]["slug"]]


@each("path", DISCUSSIONS)
def test_a_discussion_keeps_the_thread_form(path: Path) -> None:
    thread = load(path)
    assert set(thread) == {"source", "title", "url", "comments"}
    assert thread["source"] == "sample"
    article = load(CONTENT / "articles" / path.name)
    assert thread["title"] == article["headline"]
    for comment in thread["comments"]:
        assert set(comment) == COMMENT_FIELDS
        assert 0 < len(comment["text"].strip()) <= 5000
        assert USERNAME.fullmatch(comment["author"])
        assert not STAFF_LIKE.search(comment["author"])
        assert isinstance(comment["score"], int)


@each("path", DISCUSSIONS)
def test_a_parent_stands_before_its_replies_and_time_moves_forward(path: Path) -> None:
    comments = load(path)["comments"]
    seen: set[str] = set()
    for comment in comments:
        assert comment["parent_id"] is None or comment["parent_id"] in seen
        seen.add(comment["id"])
    times = [moment(comment["created_at"]) for comment in comments]
    assert times == sorted(set(times))
    article = load(CONTENT / "articles" / path.name)
    assert moment(article["published_at"]) < times[0]
    assert (times[-1] - times[0]).days <= 3


def test_there_are_five_discussions_and_no_comment_id_occurs_twice() -> None:
    threads = [load(path)["comments"] for path in DISCUSSIONS]
    assert sorted(map(len, threads), reverse=True) == [60, 28, 14, 7, 3]
    ids = [comment["id"] for thread in threads for comment in thread]
    assert len(set(ids)) == len(ids)


def test_the_longest_discussion_shows_every_shape_a_thread_can_have() -> None:
    comments = load(CONTENT / "discussions" / f"{LEAD}.json")["comments"]
    replies = Counter(comment["parent_id"] for comment in comments)
    roots = [comment["id"] for comment in comments if comment["parent_id"] is None]
    scores = [comment["score"] for comment in comments]
    assert len(comments) == 60
    assert max(depths(comments).values()) == 8
    assert max(replies[comment["id"]] for comment in comments) == 7
    assert sum(replies[root] == 0 for root in roots) >= 3
    assert (min(scores), max(scores)) == (-4, 60)
    assert 18 <= len({comment["author"] for comment in comments}) <= 25


@each("kind", KINDS)
def test_the_longest_discussion_holds_this_kind_of_text(kind: str) -> None:
    comments = load(CONTENT / "discussions" / f"{LEAD}.json")["comments"]
    assert any(re.search(KINDS[kind], comment["text"], re.MULTILINE) for comment in comments)


def test_the_pages_about_the_site_have_one_heading_and_labelled_sections() -> None:
    assert [page.stem for page in PAGES] == ["about", "contact", "privacy", "terms", "writing"]
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        labels = re.findall(r'aria-labelledby="([^"]+)"', text)
        assert text.count("<h1") == 1
        assert len(labels) == text.count("<section") == text.count("<h2")
        assert all(f'<h2 id="{label}"' in text for label in labels)


def test_the_house_rules_name_every_reason_for_a_removal() -> None:
    about = (ROOT / "templates" / "site" / "about.html").read_text(encoding="utf-8")
    rules = about.split('id="rules"')[1].split("</section>")[0]
    assert rules.count("<li") == 6
    reasons = "Spam|Personal attack|Hate|Off-topic|Misinformation|Private information"
    expected = {*reasons.split("|"), "Illegal content", "Other"}
    assert set(re.findall(r"<em>([^<]+)</em>", rules)) == expected


def test_no_text_holds_an_email_address() -> None:
    found = [name for name, text in our_texts() if re.search(r"\w@\w+\.\w", text)]
    assert found == []


def test_no_run_of_eight_words_is_taken_from_a_source() -> None:
    if not (SEED.is_dir() and NEWS.is_file()):
        pytest.skip("The source texts in ../shared are not here, so nothing can be compared.")
    theirs: set[tuple[str, ...]] = set()
    for path in SEED.glob("*.txt"):
        theirs |= runs(path.read_text(encoding="utf-8"))
    headlines = set()
    for item in load(NEWS)["articles"]:
        theirs |= runs(item["title"]) | runs(item["summary"])
        headlines.add(item["title"].casefold())
    taken = [(name, " ".join(run)) for name, text in our_texts() for run in runs(text) & theirs]
    assert len(theirs) > 1000
    assert taken == []
    assert not headlines & {load(path)["headline"].casefold() for path in ARTICLES}
