"""The HTML of a page in pieces, few of which are one reader's own."""

from collections.abc import Callable, Hashable, Mapping


class Segments:
    """The pieces of one version of a page by the kind of reader; it lives as long as its page."""

    def __init__(self) -> None:
        self._by_kind: dict[Hashable, list[str]] = {}

    def join(self, kind: Hashable, make: Callable[[], list[str]], own: Mapping[int, str]) -> str:
        """Return all pieces, those of `own` (by index) in place of what the kind of reader gets.

        `make` returns the pieces for somebody of this kind whom nothing on the page concerns.
        """
        pieces = self._by_kind.get(kind)
        if pieces is None:
            pieces = self._by_kind[kind] = make()
        if own:
            pieces = pieces.copy()
            for index, piece in own.items():
                pieces[index] = piece
        return "".join(pieces)
