"""Acting on comments: votes, reports, picks, what is kept, and taking back what one wrote."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.scenes import ACTS, CLOSED, STATES

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
both = pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])


@both
def test_a_discussion_is_followed_then_muted_then_neither(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    person = visit("stork", js=js)
    page = person.open(f"/articles/{CLOSED}")
    follow, mute = page.locator("#follow-followed"), page.locator("#follow-muted")
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    if js:
        expect(page.locator("#live")).to_have_text("Following this discussion")
        expect(follow).to_be_focused()
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(follow).to_have_attribute("aria-pressed", "false")
    page = person.open("/activity?tab=following")
    button = page.get_by_role("button", name=re.compile("^Unmute the discussion of"))
    button.click()
    if js:
        expect(page.locator("#live")).to_have_text("No longer muted")
    expect(button).to_have_count(0)
    page = person.open(f"/articles/{CLOSED}")
    expect(mute).to_have_attribute("aria-pressed", "false")


@both
def test_a_comment_is_saved_found_again_and_dropped(visit: Visit, scenes: Scenes, js: bool) -> None:
    person, comment = visit("stork", js=js), scenes[ACTS]["t2"]
    page = person.open_menu(comment)
    page.locator(f"#c-{comment}-save").click()
    if not js:  # the page of the menu leads back to the comment
        expect(page.locator(f"#c-{comment}-heading")).to_be_visible()
        page = person.open_menu(comment)
    expect(page.locator(f"#c-{comment}-save")).to_have_attribute("aria-pressed", "true")
    if js:
        expect(page.locator("#live")).to_have_text("Comment saved")
        expect(page.locator(f"#c-{comment}-save")).to_be_focused()
    page = person.open("/activity?tab=saved")
    entry = page.locator(".entry", has_text="Opinion number 2,")
    entry.get_by_role("button", name=re.compile("^Remove")).click()
    if js:
        expect(entry.get_by_role("button", name=re.compile("^Save again"))).to_be_focused()
    page = person.open("/activity?tab=saved")
    expect(page.get_by_role("main")).to_contain_text("You have saved no comment yet.")


def test_the_activity_shows_replies_mentions_and_ones_own_in_every_state(
    visit: Visit, scenes: Scenes
) -> None:
    page = visit("lark", js=False).open("/activity")
    expect(page.locator(".entry", has_text="the other story?")).to_contain_text(
        "wren replied to you on Every state"
    )
    page.get_by_role("link", name="Mentions").click()
    expect(page.locator(".entry", has_text="ask @lark")).to_contain_text("mentioned you")
    page.get_by_role("link", name="Written").click()
    for words, state in (
        ("Lark's own comment.", "Published"),
        ("https://example.org/pending", "Waits for review"),
        ("https://example.org/refused", "Not published: spam"),
    ):
        expect(page.locator(".entry", has_text=words).locator(".state")).to_contain_text(state)
    page.get_by_role("link", name="Saved").click()
    expect(page.locator(".entry")).to_contain_text("Liked by lark.")


@both
def test_a_private_disagreement_is_seen_by_editors_alone(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    author, suffix = visit("wren", js=False), "js" if js else "plain"
    number = author.post(ACTS, f"Something to disagree with, {suffix}.")
    person = visit("finch", js=js)
    page = person.open_menu(number)
    page.locator(f"#c-{number}-disagree").click()
    if not js:
        expect(page.locator(f"#c-{number}-heading")).to_be_visible()
        page = person.open_menu(number)
    expect(page.locator(f"#c-{number}-disagree")).to_have_attribute("aria-pressed", "true")
    if js:
        expect(page.locator("#live")).to_have_text("Noted privately")
        expect(page.locator(f"#c-{number}-disagree")).to_be_focused()
    count = f"#c-{number}-disagreed"
    for name in ("wren", "finch", "demo_moderator", None):
        someone = visit(name, js=js)
        page = someone.open_menu(number) if name else someone.open(f"/c/{number}")
        expect(page.get_by_role("main")).to_contain_text("Something to disagree with")
        expect(page.locator(count)).to_have_count(0)
        assert "disagrees" not in page.content()
    page = visit("demo_editor", js=js).open_menu(number)
    expect(page.locator(count)).to_have_text("1 reader disagrees")
    page = person.open_menu(number)
    page.locator(f"#c-{number}-disagree").click()
    if not js:
        expect(page.locator(f"#c-{number}-heading")).to_be_visible()
        page = person.open_menu(number)
    expect(page.locator(f"#c-{number}-disagree")).to_have_attribute("aria-pressed", "false")


@both
def test_a_pick_has_a_line_a_filter_and_a_place_in_the_profile(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    author, suffix = visit("wren", js=False), "js" if js else "plain"
    number, line = author.post(ACTS, f"Worth a pick, {suffix}."), f"Adds data, {suffix}"
    editor = visit("demo_editor", js=js)
    editor.expect_message("status of 422|Response Status Error Code 422")
    page = editor.open_menu(number)
    page.locator(f"#c-{number}-pick").click()
    if js:
        expect(page.locator(f"#c-{number}-why")).to_be_focused()
    page.get_by_role("button", name="Pick", exact=True).click()
    expect(page.locator(f"#c-{number}-why-error")).to_contain_text("Say in one line why")
    page.get_by_label("Why?").fill(line)
    page.get_by_role("button", name="Pick", exact=True).click()
    expect(page.locator(f"#c-{number}-state")).to_have_text(f"Picked by staff: {line}")
    if js:
        expect(page.locator("#live")).to_have_text("Picked")
        expect(page.locator(f"#c-{number}-heading")).to_be_focused()
    visitor = visit(js=js)
    page = visitor.open(f"/articles/{ACTS}?show=picks")
    picked = page.locator(f"#c-{number}")
    expect(picked.locator(".badge.pick")).to_have_text("PICK")
    expect(picked).to_contain_text(f"Picked by staff: {line}")
    page = visitor.open("/u/wren")
    expect(page.locator(".comment", has_text=f"Worth a pick, {suffix}.")).to_contain_text(line)
    page = editor.open_menu(number)
    page.get_by_role("link", name=re.compile("Change or remove the pick")).click()
    page.get_by_role("button", name="Take the pick back").click()
    expect(page.locator(f"#c-{number}-state")).to_be_empty()


@both
def test_a_vote_is_pressed_changed_and_taken_back(visit: Visit, scenes: Scenes, js: bool) -> None:
    comment = scenes[ACTS]["t3"]
    page = visit("demo_editor", js=js).open(f"/c/{comment}")
    up, down = page.locator(f"#c-{comment}-upvote"), page.locator(f"#c-{comment}-downvote")
    score = page.locator(f"#c-{comment}-score")
    expect(score).to_have_text("Score 37")
    for button, pressed, shown in (
        (up, "true", 38),
        (down, "true", 36),
        (down, "false", 37),
        (up, "true", 38),
        (up, "false", 37),
    ):
        button.click()
        expect(score).to_have_text(f"Score {shown}")
        expect(button).to_have_attribute("aria-pressed", pressed)


@both
def test_what_cannot_be_voted_on_says_so(visit: Visit, scenes: Scenes, js: bool) -> None:
    own, other = scenes[STATES]["own"], scenes[ACTS]["t3"]
    page = visit("lark", js=js).open(f"/c/{own}")
    votes = page.locator(f"#c-{own}-votes")
    expect(votes).to_have_text(re.compile(r"^\s*Score \d+ points?\s*$"))
    expect(votes.locator("button, a")).to_have_count(0)
    page = visit("lark", js=js).open(f"/c/{other}")
    off = page.locator(f"#c-{other}-votes .downvote.unavailable")
    expect(off).to_contain_text("Downvoting opens after 10 published comments.")
    page = visit("lark", js=js).open(f"/articles/{CLOSED}")
    expect(page.locator("#compose")).to_contain_text("Comments on this article are closed.")
    expect(page.locator(".comment .score")).to_have_text(re.compile("Score 1"))
    for control in (".comment .votes button", ".comment [id$=-reply]", "#compose textarea"):
        expect(page.locator(control)).to_have_count(0)
    page = visit(js=js).open(f"/c/{other}")
    page.get_by_role("link", name="Upvote: sign in first").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert f"%2Fc%2F{other}" in page.url or f"/c/{other}" in page.url


@both
def test_a_report_needs_words_for_something_else_and_is_told_once(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    comment = scenes[ACTS]["t4" if js else "t5"]
    person = visit("finch", js=js)
    person.expect_message("status of 422|Response Status Error Code 422")
    page = person.open(f"/c/{comment}")
    page.locator(f"#c-{comment}-report").click()
    title = page.locator(f"#c-{comment}-report-heading")
    expect(title).to_contain_text("Report this comment by")
    if js:
        expect(title).to_be_focused()
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Send report").click()
    expect(page.locator(".note.danger")).to_contain_text("Say in a few words what is wrong")
    expect(page.get_by_label("Something else")).to_be_checked()
    page.get_by_label("Details").fill("It is copied.")
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("main")).to_contain_text("Report sent")
    if js:
        expect(page.locator(f"#c-{comment}-report")).to_be_focused()
    page = person.open(f"/c/{comment}")
    expect(page.locator(f"#c-{comment}-report")).to_have_text("Reported")


@both
def test_every_reader_sees_what_an_edit_changed(visit: Visit, scenes: Scenes, js: bool) -> None:
    comment = scenes[STATES]["edited"]
    page = visit(js=js).open(f"/c/{comment}")
    page.locator(f"#c-{comment}-history").click()
    title = page.locator(f"#c-{comment}-history-heading")
    expect(title).to_have_text("How the comment by wren changed")
    diff = page.locator(".history .diff")
    expect(diff.locator("del")).to_contain_text(["first", "stood"])
    expect(diff.locator("ins")).to_contain_text(["second", "stands"])
    if js:
        expect(title).to_be_focused()
        page.get_by_role("link", name="Close", exact=True).click()
        expect(page.locator(f"#c-{comment}-history")).to_be_focused()


@both
def test_a_moderator_removes_an_earlier_version_for_good(visit: Visit, js: bool) -> None:
    author, suffix = visit("wren", js=False), "js" if js else "plain"
    number = author.post(STATES, f"It was at a private address, {suffix}.")
    page = author.open(f"/c/{number}/edit")
    page.locator("textarea").fill(f"It was somewhere, {suffix}.")
    page.get_by_role("button", name="Save").click()
    page = visit(js=js).open(f"/c/{number}/history")
    expect(page.locator(".diff del")).to_contain_text("at a private address")
    expect(page.locator(".redact")).to_have_count(0)
    page = visit("demo_moderator", js=js).open(f"/c/{number}")
    page.locator(f"#c-{number}-history").click()
    page.locator(".redact > summary").click()
    page.get_by_role("button", name="Remove it for good").click()
    expect(page.locator(".history")).to_contain_text("This version was removed by a moderator.")
    if js:
        expect(page.locator("#live")).to_have_text("Version removed")
    page = visit(js=js).open(f"/c/{number}/history")
    expect(page.locator(".history")).to_contain_text("This version was removed by a moderator.")
    assert "private address" not in page.content()


@both
def test_a_deleted_comment_comes_back_by_undo(visit: Visit, js: bool) -> None:
    author, suffix = visit("heron", js=js), "js" if js else "plain"
    number = author.post(ACTS, f"Deleted and wanted again, {suffix}.")
    page = author.open(f"/c/{number}")
    page.locator(f"#c-{number}-delete").click()
    page.locator(f"#c-{number}-delete-confirm").click()
    expect(page.locator(f"#c-{number}-body")).to_have_text("[deleted by its author]")
    if js:
        expect(page.locator(f"#c-{number}-undelete")).to_be_focused()
    stranger = visit(js=js)
    stranger.expect_message("status of 410")
    expect(stranger.open(f"/c/{number}").get_by_role("main")).to_contain_text("deleted")
    page.locator(f"#c-{number}-undelete").click()
    expect(page.locator(f"#c-{number}-body")).to_contain_text("wanted again")
    if js:
        expect(page.locator("#live")).to_have_text("Comment restored")
    expect(stranger.open(f"/c/{number}").locator(f"#c-{number}-body")).to_contain_text("wanted")


@both
def test_a_name_is_taken_off_a_comment_and_the_words_stay(visit: Visit, js: bool) -> None:
    author, suffix = visit("heron", js=js), "js" if js else "plain"
    number = author.post(ACTS, f"Words without a name, {suffix}.")
    author.live.written(number, minutes=20)
    page = author.open_menu(number)
    expect(page.locator(f"#c-{number}-edit")).to_have_count(0)
    page.locator(f"#c-{number}-disown").click()
    expect(page.locator(f"#c-{number}-ask")).to_contain_text("this cannot be undone")
    page.get_by_role("button", name="Take it off").click()
    expect(page.locator(f"#c-{number}-heading")).to_have_text("[disowned]")
    page = visit(js=js).open(f"/c/{number}")
    expect(page.locator(f"#c-{number}-body")).to_have_text(f"Words without a name, {suffix}.")
    expect(page.locator(f"#c-{number}")).not_to_contain_text("heron")
