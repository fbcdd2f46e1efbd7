"""The errors by which operations refuse an act.

Each has a sentence for the person, never for a developer; `app.web.errors` turns it into a page
or a fragment with its status.
"""


class DomainError(Exception):
    """A refusal with a sentence.

    `message` is one sentence for the person; `field` names the form field it is about, or is
    None when it is about the act as a whole.
    """

    status = 400
    title = "That did not work"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        # Every field that is wrong, with its sentence; the first is `field` with `message`.
        self.problems: dict[str, str] = {field or "": message}


class Expired(DomainError):
    """The form's token is missing, wrong or too old (CSRF)."""

    status = 400
    title = "This form is too old"


class SignedOut(DomainError):
    """The act needs a signed-in person."""

    status = 401
    title = "Sign in first"


class NotAllowed(DomainError):
    status = 403
    title = "No access"


class NotFound(DomainError):
    status = 404
    title = "Nothing here"


class Conflict(DomainError):
    """The state does not allow the act any more: a version changed, a time has passed."""

    status = 409
    title = "Not possible any more"


class Gone(DomainError):
    status = 410
    title = "No longer here"


class Invalid(DomainError):
    """A typed value is not valid; `field` names its form field."""

    status = 422
    title = "There is a problem"


class TooOften(DomainError):
    """A limit was reached; `retry_after` is the wait in seconds."""

    status = 429
    title = "Too many tries"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Nudge(DomainError):
    """A question, not a refusal, that is asked once before a text is posted as it is."""

    status = 200
    title = "Before you post"


class ImportRefused(DomainError):
    """An import file is wrong; `sentences` tells what, each with its place."""

    status = 422

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.sentences = problems
