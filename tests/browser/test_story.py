"""The main job, whole: read, join, write, be answered, report, and remove as a moderator."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STORY, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def join(person: Person, name: str) -> None:
    page = person.page
    page.get_by_role("banner").get_by_role("link", name="Join").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill("a-long-enough-phrase")
    page.get_by_label("I agree to").check()
    page.get_by_role("button", name="Create account").click()
    expect(page.locator(".masthead .menu")).to_contain_text(name)


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reader_joins_writes_is_answered_reports_and_a_moderator_removes(
    visit: Visit, js: bool
) -> None:
    suffix = "js" if js else "plain"
    words, answer = f"First words, {suffix}.", f"An answer, {suffix}."

    # A stranger reads and joins; joining leads back to the article.
    anna = visit(js=js)
    page = anna.open(f"/articles/{STORY}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chip Controls")
    join(anna, f"anna_{suffix}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chip Controls")

    # She writes.
    page.get_by_label("Add a comment").fill(words)
    page.get_by_role("button", name="Post comment").click()
    mine = page.locator(".comment", has_text=words)
    expect(mine.locator(".comment-body").first).to_have_text(words)
    comment = str(mine.first.get_attribute("id"))
    number = comment.removeprefix("c-")

    # A second browser answers her and reports her.
    ravi = visit("demo_reader", js=js)
    page = ravi.open(f"/c/{number}")
    expect(page.locator(f"#{comment}.is-target")).to_be_visible()
    page.locator(f"#c-{number}-reply").click()
    page.get_by_label(f"Reply to anna_{suffix}").fill(answer)
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator(f"#{comment}-replies")).to_contain_text(answer)
    page.locator(f"#c-{number}-report").click()
    page.get_by_label("Abuse or personal attack").check()
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("main")).to_contain_text("Report sent")

    # She reads the answer.
    page = anna.open(f"/c/{number}")
    expect(page.locator(f"#{comment}-replies")).to_contain_text(answer)

    # A moderator finds the report and rejects the comment with a reason.
    mo = visit("demo_moderator", js=js)
    page = mo.open("/mod/")
    card = page.locator(f"#m-{number}")
    expect(card).to_contain_text(words)
    expect(card).to_contain_text("1 report: abuse")
    card.get_by_role("link", name="Reject").click()
    page.get_by_label("Personal attack").check()
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.locator("#status-line")).to_contain_text("personal attack")
    expect(page.locator(f"#m-{number}")).to_have_count(0)

    # Everybody reads why it is gone, and the answer stays; she alone still sees her words.
    page = visit(js=js).open(f"/c/{number}")
    body = page.locator(f"#{comment}-body")
    expect(body).to_have_text("[removed by a moderator: personal attack]")
    expect(page.locator(f"#{comment}-replies")).to_contain_text(answer)
    expect(page.get_by_role("main")).not_to_contain_text(words)
    page = anna.open(f"/c/{number}")
    expect(page.locator(f"#{comment}-state")).to_contain_text("personal attack")
    expect(page.locator(f"#{comment}-body")).to_have_text(words)

    # The moderator takes it back, and it is there again.
    mo.page.locator("#undo").click()
    expect(mo.page.locator(f"#m-{number}")).to_contain_text(words)
    expect(anna.open(f"/c/{number}").locator(f"#{comment}-body")).to_have_text(words)
