"""The fields of an object in a specification, read strictly: errors name the path of a field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from eda.errors import SpecError

_MOST_BANDS: Final = 20


class Fields:
    """The fields of one object, with the path that leads there."""

    def __init__(self, data: object, where: str, path: str, known: tuple[str, ...]) -> None:
        """Take an object apart; a field that is not known is an error."""
        self.where, self.path = where, path
        if not isinstance(data, Mapping):
            at = f"{path}: " if path else ""
            raise SpecError(f"{where}: {at}is {_kind(data)}; write an object {{...}}")
        for key in data:
            if key not in known:
                close = get_close_matches(str(key), known, n=1)
                hint = f"did you mean {close[0]}?" if close else "leave it out"
                raise self.wrong(str(key), f"unknown field; {hint}")
        self.data: Mapping[str, Any] = data

    def __contains__(self, key: str) -> bool:
        """Return whether the field is there."""
        return key in self.data

    def at(self, key: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, problem: str) -> SpecError:
        """Return the error that says what is wrong with a field."""
        return SpecError(f"{self.where}: {self.at(key)}: {problem}")

    def value(self, key: str) -> Any:
        """Return what is there, which must be."""
        if key not in self.data:
            raise self.wrong(key, "is missing; add it")
        return self.data[key]

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return a text."""
        if key not in self.data and default is not None:
            return default
        found = self.value(key)
        if not isinstance(found, str):
            raise self.wrong(key, f"is {_kind(found)}; write a text")
        if len(found) > 1000:
            raise self.wrong(key, "is longer than 1000 characters; shorten it")
        return found

    def choice(self, key: str, allowed: tuple[str, ...], *, default: str | None = None) -> str:
        """Return one of some words."""
        found = self.text(key, default=default)
        if found not in allowed:
            raise self.wrong(key, f"is {found[:40]!r}; write one of {', '.join(allowed)}")
        return found

    def number(
        self,
        key: str,
        *,
        least: float = -math.inf,
        above: float = -math.inf,
        most: float = math.inf,
        default: float | None = None,
    ) -> float:
        """Return a finite number within bounds."""
        if key not in self.data and default is not None:
            return default
        return _number(self.value(key), self, key, least=least, above=above, most=most)

    def integer(self, key: str, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        found = self.value(key)
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int):
            raise self.wrong(key, f"is {_kind(found)}; write a whole number")
        if not least <= found <= most:
            raise self.wrong(key, f"is {_short(found)}; it lies between {least} and {most}")
        return found

    def flag(self, key: str) -> bool:
        """Return true or false."""
        found = self.value(key)
        if not isinstance(found, bool):
            raise self.wrong(key, f"is {_kind(found)}; write true or false")
        return found

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """Return a list of names, at most so many."""
        found = self.value(key)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.wrong(key, f"is {_kind(found)}; write a list of names")
        if not 1 <= len(found) <= most:
            raise self.wrong(key, f"has {len(found)} names; write 1 to {most}")
        return tuple(found)

    def pair(self, key: str, *, ordered: bool = True) -> tuple[float, float]:
        """Return two numbers, the smaller one first where that is asked."""
        found = self.value(key)
        if not isinstance(found, list) or len(found) != 2:
            raise self.wrong(key, "is no pair; write two numbers in brackets")
        low, high = (
            _number(item, self, f"{key}[{at}]", above=0.0, most=1e6)
            for at, item in enumerate(found)
        )
        if ordered and low > high:
            raise self.wrong(key, f"{low:g} is above {high:g}; write the smaller one first")
        return low, high

    def group(self, key: str, known: tuple[str, ...]) -> Fields:
        """Return the fields of an object in this one."""
        return Fields(self.value(key), self.where, self.at(key), known)

    def point(self, key: str, reach: float) -> tuple[float, float]:
        """Return two numbers of either sign, no larger than that."""
        found = self.value(key)
        if not isinstance(found, list) or len(found) != 2:
            raise self.wrong(key, "is no point; write two numbers in brackets")
        x, y = (
            _number(item, self, f"{key}[{at}]", least=-reach, most=reach)
            for at, item in enumerate(found)
        )
        return x, y

    def groups(
        self,
        key: str,
        known: tuple[str, ...],
        *,
        least: int = 1,
        most: int = _MOST_BANDS,
        what: str = "bands",
    ) -> list[Fields]:
        """Return the fields of each object of a list."""
        found = self.value(key)
        if not isinstance(found, list):
            raise self.wrong(key, f"is {_kind(found)}; write a list of {what}")
        if len(found) < least:
            raise self.wrong(key, f"has no {what}; write a list with at least one")
        if len(found) > most:
            raise self.wrong(key, f"has {len(found)} {what}; {most} are the most")
        return [
            Fields(item, self.where, f"{self.at(key)}[{at}]", known)
            for at, item in enumerate(found)
        ]


def _number(
    found: object,
    fields: Fields,
    key: str,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise fields.wrong(key, f"is {_kind(found)}; write a number")
    try:
        value = float(found)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise fields.wrong(key, f"is {value}; write a finite number")
    if value < least or value <= above or value > most:
        bound = f"above {above:g}" if value <= above else f"at least {least:g}"
        if value > most:
            bound = f"at most {most:g}"
        raise fields.wrong(key, f"is {value:g}; it must be {bound}")
    return value


def _kind(found: object) -> str:
    if found is None:
        return "null"
    names = {bool: "true or false", dict: "an object", list: "a list", str: "a text"}
    return names.get(type(found), _short(found))


def _short(found: object) -> str:
    text = f"{found:g}" if isinstance(found, float) else str(found)[:40]
    return text
