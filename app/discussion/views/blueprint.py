"""The blueprint of the article page and of the fragments that HTMX swaps in it."""

from flask import Blueprint

from app.web.errors import show_refusals_in

bp = Blueprint("discussion", __name__)
show_refusals_in(bp.name, "#c-{comment_id}-slot")
