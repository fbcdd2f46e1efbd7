"""The blueprint of the article page and of the fragments that HTMX swaps in it."""

from flask import Blueprint

bp = Blueprint("discussion", __name__)
