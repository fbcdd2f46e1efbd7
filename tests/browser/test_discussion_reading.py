"""Reading a discussion: its orders, its filters, and the ways deeper into it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import STORY, Person
from tests.browser.scenes import LONG

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
HERE = f"/articles/{LONG}"
both = pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])
FIRST = {  # of each order, the comment that stands on top
    "Newest": "wren",
    "Oldest": "busy",
    "Most discussed": "busy",
    "Controversial": "disputed",
    "Best": "deep",
}


@pytest.fixture(scope="session")
def talk(scenes: Scenes) -> dict[str, int]:
    """Return the numbers of the long discussion's comments, by name."""
    return scenes[LONG]


def threads(page: Page) -> Locator:
    return page.locator("#thread > .comment")


def names(found: Locator) -> list[str]:
    return [str(found.nth(n).get_attribute("id")) for n in range(found.count())]


def top(page: Page) -> str:
    return str(threads(page).first.get_attribute("id"))


@both
def test_each_order_puts_another_thread_on_top(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(HERE)
    for label, name in FIRST.items():
        page.get_by_role("link", name=label, exact=True).click()
        expect(page.get_by_role("link", name=label, exact=True)).to_have_attribute(
            "aria-current", "true"
        )
        expect(threads(page).first).to_have_id(f"c-{talk[name]}")
        expect(page).to_have_url(re.compile(rf"sort={label.split()[-1].lower()}"))


def test_the_newest_are_flat_and_say_what_they_answer(visit: Visit, talk: dict[str, int]) -> None:
    page = visit().open(f"{HERE}?sort=newest")
    expect(page.locator("#thread.flat")).to_be_visible()
    expect(page.locator("#thread .replies .comment")).to_have_count(0)
    answer = page.locator(f"#c-{talk['staff']} .parent-note")
    expect(answer).to_contain_text("in reply to @by_filler-1: Filler number 1.")
    answer.get_by_role("link").click()
    expect(page.locator(f"#c-{talk['filler-1']}.is-target")).to_be_in_viewport()


@both
def test_the_order_that_a_member_chose_holds_on_the_next_article(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    member, visitor = visit("finch", js=js), visit(js=js)
    for person, expected in ((member, "oldest"), (visitor, "best")):
        page = person.open(HERE)
        page.get_by_role("link", name="Oldest").click()
        expect(page.locator("#sort-oldest")).to_have_attribute("aria-current", "true")
        keep = page.get_by_role("button", name="Always in this order")
        expect(keep).to_have_count(1 if person is member else 0)
        if person is member:
            keep.click()
            expect(keep).to_have_count(0)
        page = person.open(f"/articles/{STORY}")
        expect(page.locator(f"#sort-{expected}")).to_have_attribute("aria-current", "true")
    page = member.open(f"{HERE}?sort=best")
    page.get_by_role("button", name="Always in this order").click()
    expect(member.open(HERE).locator("#sort-best")).to_have_attribute("aria-current", "true")


@both
def test_staff_replies_picks_and_one_person_by_themselves(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(HERE)
    page.get_by_role("link", name="Staff replies").click()
    expect(page.locator("#one-thread")).to_contain_text("Only what staff wrote.")
    assert names(threads(page)) == [f"c-{talk['staff']}"]
    page.get_by_role("link", name=re.compile(r"^Show all \d+ comments$")).click()
    page.get_by_role("link", name="1 pick", exact=True).click()
    expect(page.locator("#one-thread")).to_contain_text("Only what staff picked.")
    assert names(threads(page)) == [f"c-{talk['filler-2']}"]
    expect(threads(page)).to_contain_text("Picked by staff: Adds figures that the story lacks")
    page = visit("lark", js=js).open_menu(talk["wren"])
    page.get_by_role("link", name="Only comments by wren").click()
    expect(page.locator("#one-thread")).to_contain_text("Only comments by wren.")
    assert names(threads(page)) == [f"c-{talk['wren']}"]


def test_more_replies_come_until_all_are_there(visit: Visit, talk: dict[str, int]) -> None:
    page = visit().open(HERE)
    kids = page.locator(f"#c-{talk['busy']}-replies > .comment")
    more = page.locator(f"#c-{talk['busy']}-more a")
    expect(kids).to_have_count(3)
    expect(more).to_contain_text("Show 24 more replies")
    more.click()
    expect(kids).to_have_count(23)
    expect(page.locator(f"#c-{talk['busy-4']}-heading")).to_be_focused()
    expect(more).to_contain_text("Show 4 more replies")
    more.click()
    expect(kids).to_have_count(27)
    expect(more).to_have_count(0)
    assert names(kids) == [f"c-{talk[f'busy-{n}']}" for n in range(1, 28)]


def test_more_replies_without_javascript_are_a_page_of_the_thread(
    visit: Visit, talk: dict[str, int]
) -> None:
    page = visit(js=False).open(HERE)
    page.locator(f"#c-{talk['busy']}-more a").click()
    kids = page.locator(f"#c-{talk['busy']}-replies > .comment")
    expect(kids.first).to_have_id(f"c-{talk['busy-4']}")
    page.locator(f"#c-{talk['busy']}-more a").click()
    expect(kids.last).to_have_id(f"c-{talk['busy-27']}")


@both
def test_more_threads_come_until_all_were_shown(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(f"{HERE}?sort=oldest")
    expect(threads(page)).to_have_count(20)
    seen = names(threads(page))
    page.get_by_role("link", name="Load more threads").press("Enter")
    expect(page.get_by_role("link", name="Load more threads")).to_have_count(0)
    seen += names(threads(page)) if not js else []
    all_of_them = names(threads(page)) if js else seen
    assert len(all_of_them) == len(set(all_of_them)) == 26
    assert f"c-{talk['young']}" in all_of_them
    if js:
        expect(threads(page).nth(20).locator("h3").first).to_be_focused()
        expect(page.locator("#live")).to_have_text("6 more threads")


@both
def test_a_deep_thread_continues_on_a_page_that_leads_back(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(HERE)
    expect(page.locator(f"#c-{talk['deep-7']}")).to_have_count(0)
    page.get_by_role("link", name="Continue this thread").click()
    expect(page.locator(f"#c-{talk['deep-6']}.is-target")).to_be_in_viewport()
    expect(page.locator(f"#c-{talk['deep-7']}-body")).to_have_text("Level 7 of the deep thread.")
    expect(page.locator(f"#c-{talk['deep']}-body")).to_have_text("The thread that goes deep.")


@both
def test_a_permalink_shows_a_deep_comment_marked_among_its_ancestors(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(f"/c/{talk['deep-12']}")
    target = page.locator(f"#c-{talk['deep-12']}")
    expect(target).to_be_in_viewport()
    expect(target).to_have_class(re.compile(r"\bis-target\b"))
    for level in range(8, 12):
        expect(page.locator(f"#c-{talk[f'deep-{level}']}-body")).to_be_visible()
    expect(page.locator("#one-thread")).to_contain_text("You are viewing one thread.")
    page.get_by_role("link", name=re.compile(r"^Show all \d+ comments$")).click()
    expect(threads(page)).to_have_count(20)


def test_a_closed_thread_stays_closed_in_its_tab_alone(visit: Visit, talk: dict[str, int]) -> None:
    person = visit()
    page = person.open(HERE)
    rest = page.locator(f"#c-{talk['busy']} > article > details")
    rest.locator("> summary").click()
    expect(rest).not_to_have_attribute("open", "")
    expect(page.locator(f"#c-{talk['busy-1']}-body")).to_be_hidden()
    page.reload()
    expect(rest).not_to_have_attribute("open", "")
    other = person.context.new_page()
    other.goto(person.live.url + HERE)
    expect(other.locator(f"#c-{talk['busy-1']}-body")).to_be_visible()
    page.goto(f"{person.live.url}/c/{talk['busy-1']}")  # a link opens what it leads to
    expect(page.locator(f"#c-{talk['busy-1']}-body")).to_be_in_viewport()


@both
def test_a_low_score_is_closed_with_words_that_open_it(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(f"{HERE}?sort=oldest")
    low = page.locator(f"#c-{talk['low']}")
    summary = low.locator("summary").first
    expect(summary).to_have_attribute("data-reason", "Hidden: low score. Show")
    shown = summary.evaluate("item => getComputedStyle(item, '::before').content")
    assert "Hidden: low score. Show" in shown or "attr(data-reason)" in shown
    expect(low.locator(f"#c-{talk['low']}-body")).to_be_hidden()
    summary.click()
    body = low.locator(f"#c-{talk['low']}-body")
    expect(body).to_be_visible()
    assert body.evaluate("item => getComputedStyle(item).opacity") == "1"
    expect(low).to_contain_text("An answer to it.")


def test_a_score_is_hidden_in_the_first_hour(visit: Visit, talk: dict[str, int]) -> None:
    page = visit().open(f"/c/{talk['young']}")
    score = page.locator(f"#c-{talk['young']}-score")
    expect(score).to_contain_text("Score hidden for the first 60 minutes")
    expect(score).not_to_contain_text("3")
    page = visit("demo_moderator").open(f"/c/{talk['young']}")
    expect(page.locator(f"#c-{talk['young']}-score")).to_have_text("Score 3")


@both
def test_a_long_discussion_at_a_glance(visit: Visit, talk: dict[str, int], js: bool) -> None:
    page = visit(js=js).open(HERE)
    glance = page.locator("#highlights")
    expect(glance.get_by_role("heading", name="At a glance")).to_be_visible()
    told = glance.locator("li")
    shown = {
        str(told.nth(n).locator(".meta-line").text_content()): str(
            told.nth(n).get_by_role("link").get_attribute("href")
        )
        for n in range(told.count())
    }
    assert shown == {
        "Picked by staff": f"/c/{talk['filler-2']}",
        "Staff answered": f"/c/{talk['staff']}",
        "Most discussed": f"/c/{talk['busy']}",
        "Most recommended": f"/c/{talk['deep']}",
        "Unanswered question": f"/c/{talk['question']}",
    }
    glance.get_by_role("link", name=re.compile("Does this hold")).click()
    expect(page.locator(f"#c-{talk['question']}.is-target")).to_be_in_viewport()


@both
def test_a_very_long_comment_is_cut_until_read_more(
    visit: Visit, talk: dict[str, int], js: bool
) -> None:
    page = visit(js=js).open(HERE)
    body = page.locator(f"#c-{talk['long']}-body")
    more = page.locator(f"#c-{talk['long']} .read-more")
    cut = body.evaluate("item => item.clientHeight")
    assert cut < body.evaluate("item => item.scrollHeight")
    more.click()
    assert body.evaluate("item => item.clientHeight >= item.scrollHeight - 1")
    expect(more).to_be_hidden()
    expect(body.get_by_text("Line 40 of forty.")).to_be_visible()
    # Its own page shows all of it at once.
    page.goto(page.url.split("/articles")[0] + f"/c/{talk['long']}")
    expect(more).to_have_count(0)
    assert body.evaluate("item => item.clientHeight >= item.scrollHeight - 1")
