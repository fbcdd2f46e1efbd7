"""Forms for joining and signing in."""

from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.accounts.operations import WRONG
from app.web.forms import Form


class SignInForm(Form):
    name = StringField(
        validators=[InputRequired("Enter your username"), Length(max=200, message=WRONG)]
    )
    password = PasswordField(
        validators=[InputRequired("Enter your password"), Length(max=1000, message=WRONG)]
    )


class JoinForm(Form):
    """The form for a new account.

    `website` is a trap that no person sees: only a program fills it in. Rules about the name and
    the password live in the operations.
    """

    name = StringField(validators=[InputRequired("Choose a username")])
    password = PasswordField(validators=[InputRequired("Choose a password")])
    agreed = BooleanField(
        validators=[InputRequired("Agree to the house rules and the terms to join")]
    )
    website = StringField(
        validators=[Length(max=0, message="This form was filled in by a program")]
    )
