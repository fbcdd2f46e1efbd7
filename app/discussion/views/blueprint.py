"""The blueprint of the article page and all that is swapped in it."""

from flask import Blueprint

bp = Blueprint("discussion", __name__)
