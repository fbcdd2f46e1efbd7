"""A finished page is sent in the best encoding that its reader takes."""

import pytest

from app.web.finished import FinishedAnswer


@pytest.mark.parametrize(
    ("taken", "sent"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("gzip; q=0", ""),
        ("br; q=0, gzip", "gzip"),
        ("br;q=0.5", "br"),
        ("BR;q=0.000, gzip;q=0.1", "gzip"),
        ("identity", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_encoding_that_is_refused_is_not_sent(taken: str | None, sent: str) -> None:
    page = FinishedAnswer("200 OK", [("Vary", "Accept-Encoding")], b"words " * 100)
    assert page.choose_encoding(taken) == sent
