"""Measures of a case: read from ``case.json`` strictly, and worked out from vectors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from eda.errors import ExpressionError, SpecError
from eda.spice import case_fields as read
from eda.spice.case_fields import Place
from eda.spice.case_kinds import KINDS, SIGNAL, FieldType, NoValue, Reading
from eda.spice.case_values import Value, read_value

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "refer": ("input", "output"),
    "edge": ("rise", "fall"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """How a metric is worked out.

    Attributes:
        metric: Its name.
        kind: One of `KINDS`.
        analysis: ``op ac noise tran``: which analysis it reads.
        fields: Values, words and signals by name.
    """

    metric: str
    kind: str
    analysis: str
    fields: Mapping[str, Any]

    @property
    def unit(self) -> str:
        """The unit of the metric."""
        unit = KINDS[self.kind].unit
        output = self.fields.get("output", "")
        first = output[0] if isinstance(output, tuple) else output
        return "V" if unit == "V or A" and first.startswith("v(") else unit

    def undefined(self, parameters: Mapping[str, float]) -> float | None:
        """Return its value where the quantity does not exist; None where it always exists."""
        value = self.fields.get("undefined", KINDS[self.kind].defaults.get("undefined"))
        return None if value is None else float(_now(value, parameters))

    def compute(self, reading: Reading, parameters: Mapping[str, float]) -> float:
        """Return the metric.

        Args:
            reading: The vectors of its analysis.
            parameters: Design and fixed parameters with the values of this run.

        Raises:
            NoValue: It has none; the design failed.
        """
        kind = KINDS[self.kind]
        fields = {**kind.defaults, **{n: _now(v, parameters) for n, v in self.fields.items()}}
        found = kind.compute(reading, fields)
        if not math.isfinite(found):
            raise NoValue(f"it is {found}: no point lies where it is read, or it is not finite")
        return found


def read_measure(metric: str, given: Any, *, names: Mapping[str, float], place: Place) -> Measure:
    """Return a measure of ``measures``.

    Args:
        metric: Its name.
        given: What stands in the file.
        names: Design and fixed parameters with nominal values.
        place: Where it stands.

    Raises:
        SpecError: The kind or a field is unknown, missing or cannot be read; the message names
            the metric.
    """
    item = read.an_object(given, place)
    word = read.a_text(read.field(item, "kind", place), place / "kind")
    if word not in KINDS:
        close = get_close_matches(word, KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the kinds are {', '.join(KINDS)}"
        place.refuse(f"has the kind {word!r}, which is none; {hint}")
    kind = KINDS[word]
    analysis = read.a_text(read.field(item, "analysis", place), place / "analysis")
    if analysis != kind.analysis:
        place.refuse(f"reads the analysis {analysis!r}; a {word} reads {kind.analysis}")
    known = {**kind.required, **kind.optional}
    for name in item:
        if name not in known and name not in ("kind", "analysis"):
            place.refuse(f"has a field {name!r}; a {word} has {', '.join(known)}")
    for name in kind.required:
        read.field(item, name, place)
    if kind.one_of and sum(name in item for name in kind.one_of) != 1:
        place.refuse(f"must have either {' or '.join(kind.one_of)}, and not both")
    fields = {
        name: _read_field(item[name], kind_of_field, names, place / name)
        for name, kind_of_field in known.items()
        if name in item
    }
    return Measure(metric, word, analysis, fields)


def _read_field(given: Any, kind: FieldType, names: Mapping[str, float], place: Place) -> Any:
    if kind == "value":
        return read_value(given, names=names, where=str(place))
    if kind == "pair":
        if not isinstance(given, list) or len(given) != 2:
            place.refuse("must be a list of two values")
        return tuple(
            read_value(value, names=names, where=str(place / f"[{at}]"))
            for at, value in enumerate(given)
        )
    if kind == "flag":
        if not isinstance(given, bool):
            place.refuse("must be true or false")
        return given
    if kind in _CHOICES:
        return read.a_choice(given, _CHOICES[kind], place)
    if kind == "signals":
        listed = given if isinstance(given, list) and given else [given]
        return tuple(_read_signal(item, place) for item in listed)
    if kind == "source":
        text = read.a_text(given, place)
        if not SIGNAL.match(f"i({text})") or text != text.lower():
            place.refuse(f"is {text!r}; write the name of a voltage source, lower case")
        return text
    return _read_signal(given, place)


def _read_signal(given: Any, place: Place) -> str:
    text = read.a_text(given, place)
    if not SIGNAL.match(text) or text != text.lower():
        place.refuse(
            f"is {text!r}; write v(node), v(node1,node2) or i(source), lower case, without blanks"
        )
    return text


def _now(value: Any, parameters: Mapping[str, float]) -> Any:
    """Return a field with the parameters of this run."""
    if isinstance(value, tuple):
        return tuple(_now(item, parameters) for item in value)
    if not isinstance(value, Value):
        return value
    try:
        return value.at(parameters)
    except ExpressionError as problem:
        raise SpecError(f"{value.text!r} has no value: {problem}") from None
