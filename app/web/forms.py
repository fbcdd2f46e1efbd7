"""The base of all forms: what was typed, checked, as a refusal when it is wrong."""

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
            # Flask-WTF would take a JSON body for a form, and values of any type with it.
            return request.form


F = TypeVar("F", bound=Form)


def validate_form(form: F) -> F:
    """`form` if every field is right; raises Invalid that names each one that is not."""
    if not form.validate():
        problems = {str(field or ""): str(errors[0]) for field, errors in form.errors.items()}
        field, message = next(iter(problems.items()))
        refusal = Invalid(message, field or None)
        refusal.problems = problems
        raise refusal
    return form


class NumberField(IntegerField):
    """A number that a form carries along; only a broken form holds anything else."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("This form is damaged: open it again.") from None


def get_typed(name: str) -> str:
    """Return what was typed in a field, to be shown again with a refusal.

    Without what `text.normalise` drops: nothing that is stored holds it either.
    """
    return text.normalise(request.form.get(name, ""))
