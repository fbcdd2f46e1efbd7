"""The viewer of this request: the signed-in person, or a visitor."""

from flask_login import current_user

from app.policy import Viewer


def get_viewer() -> Viewer:
    person: Viewer = current_user._get_current_object()
    return person
