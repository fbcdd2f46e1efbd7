"""Many inputs of one property as one test."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

_SHOWN = 80  # characters of a case that has no name


def each(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[..., Any]:
    """Run a test with each of `cases` in turn; it fails once, with every case that failed.

    Stands where `pytest.mark.parametrize` would, with the same two arguments. All cases share the
    fixtures of one test, so none may leave behind what another one would see.
    """
    expected = (names,) if isinstance(names, str) else names
    table = [
        (_label(case), dict(zip(expected, (case,) if len(expected) == 1 else case, strict=True)))
        for case in cases
    ]
    assert table, "there are no cases"

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            failed: dict[str, BaseException] = {}
            for number, (name, values) in enumerate(table):
                try:
                    test(**fixtures, **values)
                except (Exception, pytest.fail.Exception) as error:
                    failed[f"case {number}, {name}"] = error
            if failed:
                told = [
                    f"{name}: {type(error).__name__}: {error}" for name, error in failed.items()
                ]
                first = next(iter(failed.values()))
                raise AssertionError(
                    f"{len(failed)} of {len(table)} cases failed:\n" + "\n".join(told)
                ) from first

        signature = inspect.signature(test)
        rest = [part for part in signature.parameters.values() if part.name not in expected]
        run.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return run

    return decorate


def _label(case: Any) -> str:
    text = repr(case)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
