"""What one search inside a discussion may ask for: a long phrase costs minutes on PostgreSQL."""

from collections.abc import Callable

import pytest

from tests.conftest import Browser, say
from tests.search.test_search_page import HERE, hits

pytestmark = pytest.mark.both_engines  # search

Browse = Callable[..., Browser]


@pytest.mark.parametrize("words", [[f"w{n}" for n in range(24)], [*"ab" * 12], [*"开放" * 12]])
@pytest.mark.parametrize("gap", [" ", "-"])
def test_a_search_for_too_many_words_is_refused_where_it_was_typed(
    browse: Browse, words: list[str], gap: str
) -> None:
    words = list(dict.fromkeys(words)) * (gap == " ") or words  # what is said twice counts once
    comment = say("rhea", gap.join(words))
    page = browse().get(HERE, query_string={"q": gap.join(words)}).text
    refused = "20 words at most: these are 4 too many."
    assert (refused in page) is (len(words) > 20)
    assert (hits(page) == [comment.id]) is (len(words) <= 20)
    assert f'value="{gap.join(words)}"' in page
    assert hits(browse().get(HERE, query_string={"q": gap.join(words[:20])}).text) == [comment.id]


def test_a_word_many_times_in_a_row_is_looked_for_twice(browse: Browse) -> None:
    comment = say("rhea", "a-a-a-a and no more")
    say("ravi", "a")
    assert hits(browse().get(HERE, query_string={"q": "-".join("a" * 100)}).text) == [comment.id]
