"""The flask commands, each a thin shell over operations."""

from app.cli.articles import articles_group
from app.cli.audit import audit_group
from app.cli.categories import categories_group
from app.cli.comments import comments_group
from app.cli.maintenance import recount, search_group, text_group
from app.cli.rules import show_policy
from app.cli.samples import samples_group
from app.cli.users import users_group
from app.cli.words import words_group

COMMANDS = (
    users_group,
    categories_group,
    articles_group,
    comments_group,
    words_group,
    audit_group,
    samples_group,
    text_group,
    search_group,
    recount,
    show_policy,
)
