"""The flask commands, each a thin shell over operations."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app import text
from app.accounts import operations as accounts
from app.accounts.roles import Role
from app.articles import operations as articles
from app.articles import queries as article_queries
from app.articles.enums import CommentsMode
from app.audit import verification as audit_verifying
from app.cli.categories import categories_group
from app.cli.groups import Group, refusals_in_words
from app.imports import articles as imports_articles
from app.imports import thread_file
from app.imports import threads as thread_import
from app.maintenance import recount as recounting
from app.maintenance import reindex as search
from app.maintenance import rerender
from app.moderation import operations as moderation
from app.samples import operations as samples_operations
from app.screening import operations, word_lists
from app.screening.models import WordKind
from app.text.quantities import format_day, format_minute

users = Group("users", help="Accounts: make them, change roles and passwords.")
articles_group = Group("articles", help="Articles: import them, change an address.")
comments_group = Group("comments", help="Discussions: import them.")
words_group = Group("words", help="Lists of banned and suspect words.")
audit_group = Group("audit", help="The log of what moderators and admins did.")
samples_group = Group("samples", help="The sample site.")
text_group = Group("text", help="The HTML of what was written.")
search_group = Group("search", help="The index of what comments say.")
GROUPS = (
    users,
    categories_group,
    articles_group,
    comments_group,
    words_group,
    audit_group,
    samples_group,
    text_group,
    search_group,
)

ROLES = click.Choice([role.value for role in Role])
MODES = click.Choice([mode.value for mode in CommentsMode])
KINDS = click.Choice([kind.value for kind in WordKind])


def _password() -> str:
    """From a prompt that shows nothing, or the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _json(path: str) -> Any:
    with _json_in_words(path):
        return json.loads(Path(path).read_bytes())


@contextmanager
def _json_in_words(path: str) -> Iterator[None]:
    """Print what is wrong with a file as a sentence on standard error, and exit with code 1."""
    try:
        yield
    except (OSError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{path} is not readable as JSON: {error}") from None


@users.command("create")
@click.argument("name")
@click.option("--role", type=ROLES, default=Role.READER.value, show_default=True)
def create_user(name: str, role: str) -> None:
    """Make an account; its password comes from a prompt or standard input."""
    user = accounts.create(name, _password(), Role(role), current_app.config["SITE_NAME"])
    click.echo(f"Made {user.name}, {user.role}.")


@users.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
def set_role(name: str, role: str) -> None:
    """Give an account another role; its sessions end."""
    user = accounts.set_role(name, Role(role))
    click.echo(f"{user.name} is {user.role} now.")


@users.command("password")
@click.argument("name")
def set_password(name: str) -> None:
    """Set an account's password, from a prompt or standard input; its sessions end."""
    user = accounts.set_password(name, _password(), current_app.config["SITE_NAME"])
    click.echo(f"{user.name} has a new password.")


@articles_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--update", is_flag=True, help="Change the article that has the file's slug.")
def import_article(file: str, update: bool) -> None:
    """Store the article of a JSON FILE (its form: app/imports/article_file.py)."""
    article = imports_articles.import_article(_json(file), update)
    public = (
        ""
        if article.is_public or article.published_at is None
        else (f", public from {format_minute(article.published_at)}")
    )
    click.echo(f"Imported as {article.status}{public}: /articles/{article.slug}")


@articles_group.command("rename")
@click.argument("old_slug")
@click.argument("new_slug")
def rename_article(old_slug: str, new_slug: str) -> None:
    """Give an article another address; the old one redirects."""
    article = articles.change_slug(old_slug, new_slug)
    click.echo(f"/articles/{old_slug} leads to /articles/{article.slug} now.")


@articles_group.command("discussion")
@click.argument("slug")
@click.option("--mode", type=MODES, help="Open it or close it.")
@click.option("--close-after", type=int, help="Days from publication; 0 for never.")
@click.option("--slow", type=int, help="Seconds between two comments of one person; 0 for none.")
def set_discussion(slug: str, mode: str | None, close_after: int | None, slow: int | None) -> None:
    """Open, close or slow down the discussion of an article."""
    article = articles.set_discussion(slug, CommentsMode(mode) if mode else None, close_after, slow)
    pace = f", one comment every {article.slow_seconds} s" if article.slow_seconds else ""
    ends = article.comments_close_at
    until = f", closes on {format_day(ends)}" if ends else ""
    click.echo(f"The discussion of {article.slug} is {article.comments_mode}{pace}{until}.")


@comments_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--article", "slug", required=True, help="The slug of the article.")
def import_comments(file: str, slug: str) -> None:
    """Add the discussion of a JSON FILE (its form: app/imports/threads.py)."""
    article = article_queries.get_by_slug(slug)
    if article is None:
        raise click.ClickException(f"There is no article with the slug {slug!r}.")
    unread = Path(file).stat().st_size
    with (
        _json_in_words(file),
        _bar(unread, "Checking the file", hidden=not sys.stderr.isatty()) as bar,
    ):
        thread = thread_file.read_thread_file(Path(file), bar.update)
    source = str(thread.about.get("url") or thread.about.get("source") or Path(file).name)
    with _bar(len(thread), "Importing comments") as bar:
        new = thread_import.add_thread(article, thread, source, bar.update)
    click.echo(f"{new:,} new, {len(thread) - new:,} were there already.")


def _bar(length: int, label: str, hidden: bool = False) -> Any:
    """Return a progress bar on standard error, or the label alone if that is no terminal."""
    return click.progressbar(length=length, label=label, hidden=hidden, file=sys.stderr)


@words_group.command("add")
@click.argument("kind", type=KINDS)
@click.argument("pattern")
def add_word(kind: str, pattern: str) -> None:
    """List a word or phrase; a * at its end matches any ending."""
    word = operations.add_word(None, WordKind(kind), pattern)
    click.echo(f"Added to the {kind} list: {word.pattern}")


@words_group.command("remove")
@click.argument("kind", type=KINDS)
@click.argument("pattern")
def remove_word(kind: str, pattern: str) -> None:
    """Take a word or phrase off a list."""
    operations.remove_word(None, WordKind(kind), pattern)
    click.echo(f"Removed from the {kind} list: {pattern}")


@words_group.command("list")
def list_words() -> None:
    """Show both lists."""
    for kind in WordKind:
        for pattern in word_lists.list_words()[kind]:
            is_long = text.count_tokens(pattern) > text.TOKENS_MAX  # of an earlier rule
            note = f"\tnever found: more than {text.TOKENS_MAX} words and signs" if is_long else ""
            click.echo(f"{kind}\t{pattern}{note}")


@audit_group.command("verify")
@click.option(
    "--anchor",
    "copy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with this too: a copy of an anchor, or the line of a request log with one.",
)
def verify_audit(copy: Path | None) -> None:
    """Check the whole log and its anchor; exit code 1 and what is wrong, in sentences."""
    if faults := audit_verifying.find_faults(copy):
        raise click.ClickException("\n".join(faults))
    click.echo("The audit log is whole.")


@audit_group.command("anchor")
def set_anchor() -> None:
    """Set the anchor anew, on a new machine or after a backup was restored."""
    entry = moderation.set_anchor()
    click.echo(f"The anchor names entry {entry.id} now; the log tells of it.")


@samples_group.command("load")
def load_samples() -> None:
    """Fill an empty site with sample articles, discussions and accounts; else do nothing."""
    if not samples_operations.is_wanted():
        return
    with click.progressbar(
        length=samples_operations.count_steps(), label="Loading the sample site"
    ) as bar:
        samples_operations.load_samples(bar.update)
    path = current_app.config["INSTANCE"] / "demo-accounts.txt"
    samples_operations.make_accounts(current_app.config["SITE_NAME"], path)
    samples_operations.add_reactions()
    click.echo(f"The sample accounts stand in {path}")


@text_group.command("rerender")
def rerender_text() -> None:
    """Make HTML anew that older rules for text made; stopped, it goes on when run again."""
    with click.progressbar(length=rerender.count_waiting(), label="Making HTML anew") as bar:
        done = rerender.rerender_texts(bar.update)
    click.echo(f"Made anew: {done:,} {'text' if done == 1 else 'texts'}.")


@search_group.command("reindex")
def reindex_comments() -> None:
    """Index the words of every comment anew."""
    with click.progressbar(length=search.count_rows(), label="Indexing comments") as bar:
        done = search.reindex_comments(bar.update)
    click.echo(f"Indexed: {done:,} {'comment' if done == 1 else 'comments'}.")


@click.command("recount")
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 when one differs.")
@with_appcontext
def recount(check: bool) -> None:
    """Count comments, replies, votes, reports and picks anew, and mend what differs."""
    with (
        refusals_in_words(),
        click.progressbar(length=recounting.count_rows(), label="Counting") as bar,
    ):
        found = recounting.recount_counters(mend=not check, progress=bar.update)
    for kind, rows in found.wrong.items():
        click.echo(f"{kind}: {rows:,} {'differs' if rows == 1 else 'differ'}")
    mended = "" if check or not found.differ else "; they are mended"
    click.echo(f"{found.differ:,} of {found.counters:,} counters differ{mended}")
    if check and found.differ:
        raise SystemExit(1)
