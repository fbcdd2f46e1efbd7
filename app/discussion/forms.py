"""The forms of a discussion. Rules about the text itself live in the operations."""

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from app.web.forms import Form, NumberField


class DraftForm(Form):
    body = TextAreaField()
    place = StringField(validators=[Length(max=60)])


class SeenForm(Form):
    publish_seq = NumberField(validators=[InputRequired("This form is damaged: open it again.")])


_VOTE = "A vote is 1, -1 or 0."
_DISAGREEMENT = "A disagreement is 1 or 0."


class VoteForm(Form):
    value = StringField(validators=[InputRequired(_VOTE), AnyOf(["1", "0", "-1"], _VOTE)])


class DisagreeForm(Form):
    value = StringField(validators=[InputRequired(_DISAGREEMENT), AnyOf(["1", "0"], _DISAGREEMENT)])


class PickForm(Form):
    why = StringField()


class CommentForm(Form):
    """A new comment or reply.

    `submission` is a random key made with the form; `nudged` says that its writer has already
    seen a nudge.
    """

    body = TextAreaField()
    parent_id = NumberField(validators=[Optional()])
    submission = HiddenField(validators=[Length(max=64)])
    nudged = HiddenField(validators=[Length(max=1)])


class EditForm(Form):
    body = TextAreaField()
    version = NumberField(validators=[InputRequired("The form is incomplete: open it again.")])


class PreviewForm(Form):
    """The fields of the compose form in any of its three uses."""

    body = TextAreaField()
    article = StringField(validators=[Length(max=120)])
    parent_id = NumberField(validators=[Optional()])
    comment_id = NumberField(validators=[Optional()])
    submission = HiddenField(validators=[Length(max=64)])
