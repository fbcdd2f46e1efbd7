"""The order of threads: Wilson's lower bound against values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.comments import ranking

counts = st.integers(0, 100_000)

# With z = 1.281551565545 and z2 = z * z = 1.642374415, from the formula on paper:
# (p + z2/2n - z * sqrt((p(1-p) + z2/4n) / n)) / (1 + z2/n)
BY_HAND = [
    (0, 0, 0.0),
    (1, 0, 0.378447),  # 1 / (1 + z2)
    (0, 1, 0.0),
    (2, 0, 0.549092),  # 2 / (2 + z2)
    (10, 0, 0.858931),  # 10 / (10 + z2)
    (1, 1, 0.164252),  # (0.910594 - 1.281552 * sqrt(0.455297 / 2)) / 1.821187
    (4, 1, 0.513541),  # (0.964237 - 1.281552 * sqrt(0.242119 / 5)) / 1.328475
    (100, 100, 0.454875),  # (0.504106 - 1.281552 * sqrt(0.252053 / 200)) / 1.008212
]


@pytest.mark.parametrize(("up", "down", "value"), BY_HAND)
def test_best_equals_the_value_worked_out_by_hand(up: int, down: int, value: float) -> None:
    assert ranking.compute_best(up, down) == pytest.approx(value, abs=1e-6)


@given(counts, counts)
def test_best_is_a_share(up: int, down: int) -> None:
    assert 0.0 <= ranking.compute_best(up, down) <= 1.0


@given(counts, counts)
def test_an_upvote_never_lowers(up: int, down: int) -> None:
    assert ranking.compute_best(up + 1, down) >= ranking.compute_best(up, down)


@given(counts, counts)
def test_a_downvote_never_lifts(up: int, down: int) -> None:
    assert ranking.compute_best(up, down + 1) <= ranking.compute_best(up, down)


@given(st.integers(1, 1_000), st.integers(0, 1_000), st.integers(2, 50))
def test_the_same_share_of_more_votes_stands_higher(up: int, down: int, times: int) -> None:
    assert ranking.compute_best(up * times, down * times) > ranking.compute_best(up, down)


@given(counts)
def test_without_an_upvote_it_is_nothing_however_many_are_against(down: int) -> None:
    assert ranking.compute_best(0, down) == 0.0


@given(counts, counts)
def test_it_stays_below_the_share_itself(up: int, down: int) -> None:
    assert ranking.compute_best(up, down) <= up / max(1, up + down)
