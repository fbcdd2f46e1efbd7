"""Every act of the site, with the scenes that show all that it may lock."""

from collections.abc import Callable, Iterator
from typing import Any

from app.accounts import operations as accounts
from app.articles import operations as articles
from app.articles.enums import CommentsMode
from app.comments import operations as comments
from app.comments.enums import Sort
from app.drafts import operations as drafts
from app.imports import articles as imports_articles
from app.imports import threads
from app.maintenance import recount, rerender
from app.maintenance import reindex as search
from app.members import operations as personal
from app.members import read_marks as arrivals
from app.moderation import operations as moderation
from app.moderation.reasons import ReportReason
from app.reactions import operations as reactions
from app.revisions import operations as revisions
from app.screening import operations
from app.screening.models import WordKind
from tests.conftest import PASSWORD, person, story
from tests.db import scenes
from tests.db.scenes import Scene
from tests.moderation import desk

# The functions that are an act, each with its scenes by name.
ACTS: dict[Callable[..., Any], dict[str, Scene]] = {
    comments.post: {"published": scenes.post_published, "held": scenes.post_held},
    comments.edit: {"published": scenes.edit_published, "held": scenes.edit_held},
    comments.delete: {"": scenes.on_a_leaf(lambda c: comments.delete(person("ravi"), c))},
    comments.undelete: {"": scenes.undelete},
    comments.remove_name: {"": scenes.disown},
    reactions.vote: {
        "first": scenes.on_a_leaf(lambda c: reactions.vote(person("rhea"), c, 1)),
        "again": scenes.vote_again,
        "taken back": scenes.vote_taken_back,
    },
    reactions.disagree: {
        "": scenes.on_a_leaf(lambda c: reactions.disagree(person("rhea"), c, 1)),
        "no more": scenes.disagree_no_more,
    },
    reactions.pick: {"": scenes.on_a_leaf(lambda c: reactions.pick(person("edda"), c, "Why"))},
    reactions.unpick: {"": scenes.unpick},
    revisions.redact_revision: {"": scenes.redact},
    moderation.report: {
        "": scenes.on_a_leaf(lambda c: moderation.report(person("nils"), c, ReportReason.SPAM))
    },
    moderation.approve: {
        "held": lambda: scenes.decide(True, lambda: desk.held(parent=scenes.leaf())),
        "reported": lambda: scenes.decide(True, scenes.reported),
    },
    moderation.reject: {
        "held": lambda: scenes.decide(False, lambda: desk.held(parent=scenes.leaf())),
        "reported": lambda: scenes.decide(False, scenes.reported),
    },
    moderation.undo: {"rejected": scenes.undo, "kept": scenes.undo_kept},
    operations.add_word: {
        "": scenes.at_once(lambda: operations.add_word(None, WordKind.BANNED, "new"))
    },
    operations.remove_word: {"": scenes.remove_word},
    accounts.create: {"": scenes.at_once(lambda: accounts.join("newcomer", PASSWORD, "BotBeat"))},
    accounts.open_session: {"": scenes.at_once(lambda: scenes.signed_in("rhea"))},
    accounts._open_unchanged: {"": scenes.sign_in_rehashed},
    accounts.sign_out: {"": scenes.sign_out},
    accounts.set_role: {"": scenes.set_role},
    accounts.set_password: {"": scenes.set_password},
    imports_articles.import_article: {
        "": scenes.at_once(lambda: imports_articles.import_article(scenes.ARTICLE, update=True))
    },
    articles.add_category: {"": scenes.at_once(lambda: articles.add_category("News"))},
    articles.rename_category: {
        "": scenes.at_once(lambda: articles.rename_category("Policy", "Politics"))
    },
    moderation.set_anchor: {"": scenes.at_once(moderation.set_anchor)},
    arrivals.mark_read: {
        "": scenes.on_a_leaf(lambda c: arrivals.mark_read(person("rhea"), c.article, 1))
    },
    drafts.save_draft: {"": scenes.draft_saved},
    drafts.forget_draft: {"": scenes.forget_draft},
    drafts.keep_unsent: {
        "": scenes.at_once(lambda: drafts.keep_unsent(story(), None, "Words", ""))
    },
    drafts.forget_unsent: {"": scenes.forget_kept},
    personal.mute: {"": scenes.at_once(lambda: personal.mute_by_name(person("rhea"), "ravi"))},
    personal.unmute: {"": scenes.at_once(lambda: personal.unmute(person("rhea"), person("ravi")))},
    personal.set_follow: {"": scenes.follow_changed},
    personal.save_comment: {
        "": scenes.on_a_leaf(lambda c: personal.save_comment(person("rhea"), c))
    },
    personal.unsave_comment: {"": scenes.unsave},
    personal.set_reading: {
        "": scenes.at_once(lambda: personal.set_reading(person("rhea"), Sort.OLDEST, False))
    },
    personal.set_order: {
        "": scenes.at_once(lambda: personal.set_order(person("rhea"), Sort.NEWEST))
    },
    personal.mute_word: {
        "": scenes.at_once(lambda: personal.mute_word(person("rhea"), "word", None))
    },
    personal.unmute_word: {"": scenes.unmute_word},
    threads._add_batch: {"": scenes.imported},
    recount._compare: {"": scenes.recount},
    rerender._store_articles: {"": scenes.rerender},
    rerender._store_comments: {"": scenes.rerender},
    search._reindex: {"": scenes.reindex},
    search._delete_orphans: {"": scenes.reindex},
    # The last, for then nobody can write below the story.
    articles.set_discussion: {
        "": scenes.at_once(lambda: articles.set_discussion("story", CommentsMode.CLOSED, 5, 60))
    },
    articles.change_slug: {"": scenes.at_once(lambda: articles.change_slug("story", "tale"))},
}


def every_scene() -> Iterator[tuple[str, Scene]]:
    """All scenes with their names, to be played one after the other on one site."""
    for act, of_it in ACTS.items():
        for name, scene in of_it.items():
            yield f"{act.__module__[4:]}.{act.__name__} {name}".strip(), scene
