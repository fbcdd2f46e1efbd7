"""The forms of what members keep. Rules about names and words live in the operations."""

from wtforms import BooleanField, DateField, StringField
from wtforms.validators import AnyOf, Optional

from app.comments.enums import Sort
from app.members.models import FollowState
from app.web.forms import Form

DAMAGED = "This form is damaged: open it again."


class FollowForm(Form):
    """`value` is what the member wants of the discussion; an empty text takes it back."""

    value = StringField(validators=[AnyOf(["", *FollowState], DAMAGED)])


class BookmarkForm(Form):
    value = StringField(validators=[AnyOf(["0", "1"], DAMAGED)])


class OrderForm(Form):
    sort = StringField(validators=[AnyOf(list(Sort), "Choose one of the orders.")])


class ReadingForm(OrderForm):
    shortcuts = BooleanField()


class MuteForm(Form):
    name = StringField()


class DayField(DateField):
    """A day as browsers send it, and as it is typed where they show no calendar."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write the day like 2027-01-31, or leave it empty.") from None


class WordForm(Form):
    pattern = StringField()
    until = DayField(validators=[Optional()])
