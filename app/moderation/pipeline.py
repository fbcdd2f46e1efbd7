"""From a text to a finding: gather the facts, then ask the phases."""

from datetime import timedelta

from app import clock, text
from app.accounts.models import User
from app.articles.models import Article
from app.comments import queries as comment_queries
from app.comments.models import Comment
from app.moderation import queries
from app.moderation.phases import PHASES, Draft, Finding, Outcome
from app.moderation.reasons import WordKind

NEWCOMER_AGE = timedelta(days=7)
NEWCOMER_COMMENTS = 5  # published ones; from then on, and after a week, links are trusted


def is_newcomer(author: User) -> bool:
    if author.imported:
        return False
    young = clock.now() < author.created_at + NEWCOMER_AGE
    return young or author.published_comments < NEWCOMER_COMMENTS


def draft(
    author: User, article: Article, source: str, html: str, comment: Comment | None = None
) -> Draft:
    """The facts of `source` by `author` below `article`; `comment` when it is an edit of it."""
    earlier = comment_queries.recent_bodies(author, article, comment.id if comment else 0)
    return Draft(
        by_staff=author.is_staff,
        by_newcomer=is_newcomer(author),
        repeats=_folded(source) in {_folded(body) for body in earlier},
        banned=tuple(text.find_words(source, queries.words(WordKind.BANNED))),
        suspect=tuple(text.find_words(source, queries.words(WordKind.SUSPECT))),
        links=tuple(text.link_hosts(html)),
    )


def screen(facts: Draft) -> Finding:
    """The finding of the first phase that has one; published when none has."""
    for phase in PHASES:
        if finding := phase(facts):
            return finding
    return Finding(Outcome.PUBLISH)


def _folded(source: str) -> str:
    return " ".join(source.casefold().split())
