"""The base of all forms, and the validation that raises Invalid."""

from typing import TypeVar

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField

from app import text
from app.errors import Invalid


class Form(FlaskForm):
    """A posted form. Its token was checked by `app.web.guards` before any view ran."""

    class Meta:
        csrf = False

        def wrap_formdata(self, _form: object, _data: object) -> MultiDict[str, str]:
            # Flask-WTF would also accept a JSON body, with values of any type.
            return request.form


F = TypeVar("F", bound=Form)


def validate_form(form: F) -> F:
    """Return `form` if every field is right; raises Invalid with a problem for each that is not."""
    if not form.validate():
        problems = {str(field or ""): str(errors[0]) for field, errors in form.errors.items()}
        field, message = next(iter(problems.items()))
        refusal = Invalid(message, field or None)
        refusal.problems = problems
        raise refusal
    return form


class NumberField(IntegerField):
    """A number in a hidden field; only a damaged form has anything else."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("This form is damaged: open it again.") from None


def get_typed(name: str) -> str:
    """Return the typed text of a field, to be shown again with a refusal.

    It comes without what `text.normalise` drops, as stored texts do.
    """
    return text.normalise(request.form.get(name, ""))
