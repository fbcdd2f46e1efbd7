"""How far somebody has read."""

from wtforms.validators import InputRequired

from app.web.forms import Form, NumberField


class SeenForm(Form):
    serial = NumberField(validators=[InputRequired("This form is damaged: open it again.")])
