"""Saving a comment for later, and dropping it whatever became of it."""

import json
from collections.abc import Callable

import pytest

from app.articles.enums import ArticleStatus
from app.comments import operations as comments
from app.db.base import db
from app.errors import Conflict, Gone, NotFound
from app.members import operations
from app.members.models import Bookmark
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from tests.conftest import Browser, fresh, make_article, person, say

Browse = Callable[..., Browser]


def saved_by(name: str) -> list[int]:
    db.session.rollback()
    rows = db.session.query(Bookmark).filter_by(user_id=person(name).id)
    return [row.comment_id for row in rows]


def test_a_comment_is_saved_and_dropped_without_javascript(browse: Browse) -> None:
    comment, rhea = say("ravi", "Worth keeping."), browse("rhea")
    path = f"/c/{comment.id}/bookmark"
    for _ in range(2):
        answer = rhea.post(path, {"value": "1"})
        assert answer.status_code == 303
        assert answer.location == f"/articles/story?c={comment.id}#c-{comment.id}"
        assert saved_by("rhea") == [comment.id]
    for _ in range(2):
        assert rhea.post(path, {"value": "0"}).status_code == 303
        assert saved_by("rhea") == []
    assert saved_by("ravi") == []


def test_with_htmx_the_button_says_its_state(browse: Browse) -> None:
    comment, rhea = say("ravi", "Worth keeping."), browse("rhea")
    path = f"/c/{comment.id}/bookmark"
    for value, said, pressed, label in (
        ("1", "Comment saved", "true", "Saved"),
        ("0", "No longer saved", "false", "Save"),
    ):
        answer = rhea.post(path, {"value": value}, htmx=True)
        assert answer.status_code == 200
        assert json.loads(answer.headers["HX-Trigger-After-Settle"])["bb:announce"]["msg"] == said
        assert f'id="c-{comment.id}-save" class="menu-option"' in answer.text
        assert f'aria-pressed="{pressed}"' in answer.text
        assert (
            f'</svg>{label}<span class="visually-hidden"> the comment by ravi</span>' in answer.text
        )


@pytest.mark.parametrize("form", [{"value": "2"}, {"value": ""}, {}])
def test_another_value_is_refused(browse: Browse, form: dict[str, str]) -> None:
    comment = say("ravi", "Worth keeping.")
    answer = browse("rhea").post(f"/c/{comment.id}/bookmark", form, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, f"#c-{comment.id}-slot")
    assert saved_by("rhea") == []


def test_what_was_removed_or_deleted_is_not_saved(browse: Browse) -> None:
    removed, deleted = say("ravi", "Removed words"), say("ravi", "Deleted words")
    say("mo", "A reply keeps it standing.", deleted)
    moderation.reject(person("mo"), removed, removed.version, RejectReason.SPAM)
    comments.delete(person("ravi"), fresh(deleted))
    rhea = browse("rhea")
    for comment in (removed, deleted):
        path = f"/c/{comment.id}/bookmark"
        for htmx in (False, True):
            answer = rhea.post(path, {"value": "1"}, htmx=htmx)
            assert answer.status_code == 410
            assert "This comment is gone, so it can&#39;t be saved." in answer.text
        with pytest.raises(Gone):
            operations.save_comment(person("rhea"), fresh(comment))
        db.session.rollback()
    assert saved_by("rhea") == []


def test_what_waits_for_review_is_not_saved(browse: Browse) -> None:
    held = say("nils", "See https://example.org/x")
    with pytest.raises(Conflict, match="waits for review"):
        operations.save_comment(person("nils"), held)
    with pytest.raises(NotFound):
        operations.save_comment(person("rhea"), held)
    for who, status in (("nils", 409), ("rhea", 404)):
        answer = browse(who).post(f"/c/{held.id}/bookmark", {"value": "1"})
        assert answer.status_code == status
        assert "example.org/x" not in answer.text


def test_what_vanished_can_still_be_dropped_and_tells_nothing(browse: Browse) -> None:
    article = make_article("soon")
    hidden, deleted = say("ravi", "Below it", article=article), say("ravi", "Deleted words")
    for comment in (hidden, deleted):
        operations.save_comment(person("rhea"), comment)
    comments.delete(person("ravi"), fresh(deleted))
    article.status = ArticleStatus.DRAFT
    db.session.commit()
    rhea = browse("rhea")
    for comment_id in (hidden.id, deleted.id):
        form = {"value": "0", "dom": f"saved-{comment_id}"}
        answer = rhea.post(f"/c/{comment_id}/bookmark", form, htmx=True)
        assert answer.status_code == 200
        assert "Removed</span>" in answer.text
        assert "ravi" not in answer.text
        assert "<button" not in answer.text  # it could not be saved again
    assert saved_by("rhea") == []


@pytest.mark.parametrize("comment_id", [0, 999, 2**31 - 1])
@pytest.mark.parametrize("value", ["0", "1"])
def test_no_such_comment(browse: Browse, comment_id: int, value: str) -> None:
    answer = browse("rhea").post(f"/c/{comment_id}/bookmark", {"value": value})
    assert answer.status_code == 404


def test_a_visitor_is_asked_to_sign_in_below_the_comment(browse: Browse) -> None:
    comment = say("ravi", "Worth keeping.")
    answer = browse().post(f"/c/{comment.id}/bookmark", {"value": "1"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, f"#c-{comment.id}-slot")
    assert f"/sign-in?next=/c/{comment.id}" in answer.text


def test_the_list_of_what_is_saved_takes_one_back_in_place(browse: Browse) -> None:
    comment, rhea = say("ravi", "Worth keeping."), browse("rhea")
    operations.save_comment(person("rhea"), comment)
    dom = f"saved-{comment.id}"
    page = rhea.get("/activity?tab=saved").text
    assert f'id="{dom}"' in page
    path = f"/c/{comment.id}/bookmark"
    assert f'formaction="{path}?next=/activity?tab%3Dsaved"' in page
    answer = rhea.post(path, {"value": "0", "dom": dom}, htmx=True)
    assert f'id="{dom}"' in answer.text
    assert ("Save again" in answer.text, saved_by("rhea")) == (True, [])
    answer = rhea.post(path, {"value": "1", "dom": dom}, htmx=True)
    assert ("Remove" in answer.text, saved_by("rhea")) == (True, [comment.id])
    answer = rhea.post(f"{path}?next=/activity?tab%3Dsaved", {"value": "0"})
    assert answer.location == "/activity?tab=saved"
    page = rhea.get(answer.location).text
    assert "No longer saved." in page
    assert "You have saved no comment yet." in page


def test_the_list_of_saved_comments_has_an_end(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SAVED_MAX", 2)
    comments = [say("ravi", f"Worth keeping {number}.") for number in range(3)]
    rhea = browse("rhea")
    for comment in (*comments[:2], comments[1]):
        assert rhea.post(f"/c/{comment.id}/bookmark", {"value": "1"}).status_code == 303
    answer = rhea.post(f"/c/{comments[2].id}/bookmark", {"value": "1"}, htmx=True)
    assert answer.status_code == 422
    assert "You have saved 2 comments, the most there can be." in answer.text
    assert saved_by("rhea") == [comment.id for comment in comments[:2]]
