"""Reading the fields of ``case.json`` strictly: what is there, of which type, in which place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from eda.errors import SpecError

MAX_BYTES: Final = 20_000_000
"""Largest case.json that is read."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands, for messages.

    Attributes:
        path: The file.
        trail: Names on the way down, as ``design_parameters w1``.
    """

    path: str
    trail: tuple[str, ...] = ()

    def __truediv__(self, name: str) -> Place:
        """Return the place of a field."""
        return Place(self.path, (*self.trail, name))

    def __str__(self) -> str:
        """Return what messages begin with."""
        return f"{self.path}: {' '.join(self.trail)}" if self.trail else self.path

    def refuse(self, why: str) -> NoReturn:
        """Raise a `SpecError` that says where and why."""
        joint = " " if self.trail else ": "
        raise SpecError(f"{self}{joint}{why}")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, which may come from a stranger.

    Raises:
        SpecError: It cannot be read; it names a key twice, or a number that is none.
    """
    place = Place(str(path))
    try:
        if path.stat().st_size > MAX_BYTES:
            place.refuse(f"is larger than {MAX_BYTES} bytes; this is no case")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        place.refuse("there is no such file; `eda case new FOLDER` writes a case to start from")
    except UnicodeDecodeError:
        place.refuse("it is no text in UTF-8")
    except OSError as problem:
        place.refuse(f"it cannot be read: {problem.strerror}")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                place.refuse(f"the key {key!r} stands twice in one object; remove one")
            made[key] = value
        return made

    def no_number(word: str) -> float:
        place.refuse(f"{word} is no number in JSON; write a finite one")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_number)
    except RecursionError:
        place.refuse("it is nested too deep")
    except json.JSONDecodeError as problem:
        raise SpecError(
            f"{path}:{problem.lineno}:{problem.colno}: this is no JSON: {problem.msg}"
        ) from None


def an_object(given: Any, place: Place) -> dict[str, Any]:
    """Return an object, or refuse."""
    if not isinstance(given, dict):
        place.refuse(f"is {_shown(given)}; it must be an object")
    return given


def a_list(given: Any, place: Place) -> list[Any]:
    """Return a list, or refuse."""
    if not isinstance(given, list):
        place.refuse(f"is {_shown(given)}; it must be a list")
    return given


def a_text(given: Any, place: Place) -> str:
    """Return a text, or refuse."""
    if not isinstance(given, str):
        place.refuse(f"is {_shown(given)}; it must be a text in quotes")
    return given


def a_number(given: Any, place: Place) -> float:
    """Return a finite number, or refuse."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        place.refuse(f"is {_shown(given)}; it must be a number")
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        place.refuse("is no finite number")
    return value


def a_choice(given: Any, choices: Sequence[str], place: Place) -> str:
    """Return one of some words, or refuse."""
    if given not in choices or not isinstance(given, str):
        place.refuse(f"is {_shown(given)}; it must be one of {', '.join(choices)}")
    return given


def field(given: Mapping[str, Any], name: str, place: Place) -> Any:
    """Return a field that must be there, or refuse."""
    if name not in given:
        place.refuse(f"has no field {name!r}; add it")
    return given[name]


def numbers(given: Any, place: Place) -> dict[str, float]:
    """Return an object of numbers, or refuse."""
    return {name: a_number(value, place / name) for name, value in an_object(given, place).items()}


def texts(given: Any, place: Place) -> tuple[str, ...]:
    """Return a list of texts, or refuse."""
    return tuple(a_text(value, place / f"[{at}]") for at, value in enumerate(a_list(given, place)))


def _shown(given: Any) -> str:
    text = json.dumps(given, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
