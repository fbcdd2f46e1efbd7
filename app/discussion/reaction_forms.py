"""The forms of reactions; what a line may hold is said in the operations."""

from wtforms import StringField
from wtforms.validators import AnyOf, InputRequired

from app.web.forms import Form

_VOTE = "A vote is 1, -1 or 0."
_DISAGREEMENT = "A disagreement is 1 or 0."


class VoteForm(Form):
    value = StringField(validators=[InputRequired(_VOTE), AnyOf(["1", "0", "-1"], _VOTE)])


class DisagreeForm(Form):
    value = StringField(validators=[InputRequired(_DISAGREEMENT), AnyOf(["1", "0"], _DISAGREEMENT)])


class PickForm(Form):
    why = StringField()
