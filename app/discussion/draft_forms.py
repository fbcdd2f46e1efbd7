"""The form that a browser sends by itself while somebody types."""

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from app.web.forms import Form


class DraftForm(Form):
    body = TextAreaField()
    place = StringField(validators=[Length(max=60)])
