"""The base of all forms: what was typed, checked, as a refusal when it is wrong."""

from typing import TypeVar

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from app.errors import Invalid


class Form(FlaskForm):
    """A posted form. Its token was checked by `app.web.guards` before any view ran."""

    class Meta:
        csrf = False

        def wrap_formdata(self, _form: object, _data: object) -> MultiDict[str, str]:
            # Flask-WTF would take a JSON body for a form, and values of any type with it.
            return request.form


F = TypeVar("F", bound=Form)


def validated(form: F) -> F:
    """`form` if every field is right; raises Invalid for the first that is not."""
    if not form.validate():
        field, errors = next(iter(form.errors.items()))
        raise Invalid(str(errors[0]), str(field) if field else None)
    return form


def typed(name: str) -> str:
    """What was typed in a field, to be shown again with a refusal."""
    return request.form.get(name, "")
