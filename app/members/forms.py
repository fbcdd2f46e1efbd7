"""Forms for follows, bookmarks, mutes and settings. Rules about names and words are operations'."""

from wtforms import BooleanField, DateField, StringField
from wtforms.validators import AnyOf, Optional

from app.comments.enums import Sort
from app.members.models import FollowState
from app.web.forms import Form

DAMAGED = "This form is damaged: open it again."


class FollowForm(Form):
    """The wish to follow or mute a discussion; an empty `value` takes it back."""

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
    """A day in the format that browsers send, with a hint for browsers without a calendar."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write the day like 2027-01-31, or leave it empty.") from None


class WordForm(Form):
    pattern = StringField()
    until = DayField(validators=[Optional()])
