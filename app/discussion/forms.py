"""The forms around comments. Rules about the text itself live in the operations."""

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.web.forms import Form, NumberField


class CommentForm(Form):
    """A new comment or reply; `submission` is a random key made with the form, `nudged` says
    that its writer was asked to think again."""

    body = TextAreaField()
    parent_id = NumberField(validators=[Optional()])
    submission = HiddenField(validators=[Length(max=64)])
    nudged = HiddenField(validators=[Length(max=1)])


class EditForm(Form):
    body = TextAreaField()
    version = NumberField(validators=[InputRequired("The form is incomplete: open it again.")])


class PreviewForm(Form):
    """What the compose form holds, whichever of the three it is."""

    body = TextAreaField()
    article = StringField(validators=[Length(max=120)])
    parent_id = NumberField(validators=[Optional()])
    comment_id = NumberField(validators=[Optional()])
    submission = HiddenField(validators=[Length(max=64)])
