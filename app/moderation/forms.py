"""Forms for reporting a comment and for deciding about one."""

from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from app.moderation.reasons import RejectReason, ReportReason
from app.web.forms import Form, NumberField


class ReportForm(Form):
    reason = StringField(
        validators=[InputRequired("Choose a reason"), AnyOf(list(ReportReason), "Choose a reason")]
    )
    details = TextAreaField()


class DecisionForm(Form):
    """A decision; `version` is the comment's version that the moderator looked at."""

    version = NumberField(validators=[InputRequired("The form is incomplete: open it again.")])
    queue = StringField(validators=[Length(max=20)])


class RejectionForm(DecisionForm):
    reason = StringField(
        validators=[InputRequired("Choose a reason"), AnyOf(list(RejectReason), "Choose a reason")]
    )
    note = TextAreaField()
