"""BotBeat: the app's table of contents, the only module that knows all parts."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli, config
from app.accounts import permissions as account_rules
from app.accounts import sessions
from app.accounts import views as account_views
from app.activity import views as activity_views
from app.articles import permissions as article_rules
from app.articles import views as article_views
from app.cache import http
from app.cache.page_store import PageStore
from app.comments import permissions as comment_rules
from app.config import ROOT
from app.db.base import db, make_engine_options, migrate
from app.discussion import unsent_texts
from app.discussion import views as discussion_views
from app.drafts import operations as draft_operations
from app.extensions import csrf
from app.members import permissions as member_rules
from app.members import views as member_views
from app.moderation import permissions as moderation_rules
from app.moderation import views as moderation_views
from app.notifications import operations as notice_operations
from app.reactions import permissions as reaction_rules
from app.revisions import permissions as revision_rules
from app.revisions import views as revision_views
from app.search import views as search_views
from app.site import views as site_views
from app.web import errors, guards, headers, limits, request_log, static, templating, urls

FEATURES = (
    *(article_views, discussion_views, account_views, revision_views, member_views),
    *(moderation_views, search_views, activity_views, site_views),
)
# Importing them registers the rules of each feature; see app/policy.py.
RULES = (
    *(account_rules, article_rules, comment_rules, reaction_rules),
    *(member_rules, revision_rules, moderation_rules),
)

# Importing them connects them to the signals of comments and accounts.
LISTENERS = (draft_operations, notice_operations, unsent_texts)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Return the WSGI app, configured from the environment and then from `settings`."""
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=None,  # app/web/static.py serves it, before Flask
    )
    app.config.update(config.load_config())
    app.config.update(settings or {})
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = make_engine_options(
        app.config["SQLALCHEMY_DATABASE_URI"]
    )

    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)

    # A request passes these in this order, a response in the reverse order.
    request_log.init_app(app)
    headers.init_app(app)
    http.init_app(app)
    sessions.init_app(app)
    guards.init_app(app)
    limits.init_app(app)
    errors.init_app(app)
    templating.init_app(app)
    urls.init_app(app)

    for feature in FEATURES:
        app.register_blueprint(feature.bp)
    for command in cli.COMMANDS:
        app.cli.add_command(command)

    _wrap(app)
    return app


def _wrap(app: Flask) -> None:
    """Put the page store and static files before the app, and ProxyFix if a proxy was declared."""
    store = PageStore(app, app.wsgi_app)
    app.extensions["pagestore"] = store
    app.wsgi_app = store  # type: ignore[assignment, method-assign]
    static.init_app(app)
    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


__all__ = ["create_app"]
