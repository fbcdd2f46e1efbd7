"""The scores by which threads are ordered."""

from math import sqrt

Z = 1.281551565545  # the normal quantile of 0.9: an 80 % two-sided confidence interval


def compute_best(up: int, down: int) -> float:
    """Return the lower bound of Wilson's score interval for the share of upvotes, 0.0 to 1.0.

    `up` and `down` are counts. A comment with few votes has a wide interval and so ranks low,
    whatever its share. Source: E. B. Wilson, "Probable Inference, the Law of Succession, and
    Statistical Inference", JASA 22 (1927).
    """
    if up == 0:  # the formula would leave a rounding error that orders such comments by chance
        return 0.0
    n = up + down
    share = up / n
    centre = share + Z * Z / (2 * n)
    spread = Z * sqrt((share * (1 - share) + Z * Z / (4 * n)) / n)
    return max(0.0, (centre - spread) / (1 + Z * Z / n))


def compute_controversy(up: int, down: int) -> float:
    """Return how much a comment divides its readers: many votes on both sides rank highest.

    `up` and `down` are counts. Source: the order "controversial" in Reddit's published code,
    (up + down) to the power of min / max.
    """
    if up <= 0 or down <= 0:
        return 0.0
    return float((up + down) ** (min(up, down) / max(up, down)))
