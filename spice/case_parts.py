"""The parts of a case: design parameters, conditions, targets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from eda.errors import SpecError
from eda.spice import case_fields as read
from eda.spice.case_fields import Place

Direction = Literal["min", "max"]

PARAMETER_KINDS: Final = ("width", "length", "cap", "res", "current", "integer")
SCALES: Final = ("log", "lin")
NAME: Final = re.compile(r"[a-z_]\w*$", re.ASCII)
SLACK: Final = 1e-9
"""Relative slack of the ends of a range, because decimal numbers round."""


@dataclass(frozen=True, slots=True)
class DesignParameter:
    """A size that the designer chooses.

    Attributes:
        name: As in the deck, lower case.
        lo: Smallest allowed value (SI).
        hi: Largest allowed value.
        nominal: A working start; the value that the deck holds.
        scale: ``log`` or ``lin``: in which measure to search.
        kind: ``width length cap res current integer``; only ``integer`` restricts the values.
    """

    name: str
    lo: float
    hi: float
    nominal: float
    scale: Literal["log", "lin"]
    kind: str

    def allows(self, value: float) -> bool:
        """Return whether a value may be simulated."""
        slack = SLACK * max(abs(self.lo), abs(self.hi))
        inside = self.lo - slack <= value <= self.hi + slack
        return inside and (self.kind != "integer" or value == round(value))

    def from_unit(self, position: float) -> float:
        """Return the value at a position from 0 (``lo``) to 1 (``hi``) on its scale.

        Example:
            >>> DesignParameter("w", 1.0, 100.0, 10.0, "log", "width").from_unit(0.5)
            10.0
        """
        if self.scale == "log":
            value = math.exp(math.log(self.lo) + position * (math.log(self.hi) - math.log(self.lo)))
        else:
            value = self.lo + position * (self.hi - self.lo)
        value = min(max(value, self.lo), self.hi)
        return float(round(value)) if self.kind == "integer" else float(f"{value:.9g}")

    def to_unit(self, value: float) -> float:
        """Return the position of a value: 0 at ``lo``, 1 at ``hi``."""
        if self.hi == self.lo:
            return 0.0
        if self.scale == "log":
            return math.log(value / self.lo) / math.log(self.hi / self.lo)
        return (value - self.lo) / (self.hi - self.lo)


@dataclass(frozen=True, slots=True)
class Corner:
    """Conditions of a simulation; what is None is nominal.

    Attributes:
        process: Name of the process corner.
        temperature_c: Temperature, in degrees Celsius.
        supply_v: Value of the fixed parameter ``vdd``, in V.

    Example:
        >>> str(Corner("ss", 125.0)), str(Corner())
        ('ss, 125 C', 'nominal')
    """

    process: str | None = None
    temperature_c: float | None = None
    supply_v: float | None = None

    def __str__(self) -> str:
        """Return it for people."""
        parts = [self.process] if self.process is not None else []
        parts += [f"{self.temperature_c:g} C"] if self.temperature_c is not None else []
        parts += [f"{self.supply_v:g} V"] if self.supply_v is not None else []
        return ", ".join(parts) or "nominal"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions a case knows.

    Attributes:
        process: Names of the process corners; the first is nominal.
        include_lines: Lines of the deck by process.
        temperature_c: Temperatures, in degrees Celsius.
        supply_v: Values of ``vdd``, in V.
    """

    process: tuple[str, ...] = ()
    include_lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    temperature_c: tuple[float, ...] = ()
    supply_v: tuple[float, ...] = ()

    def all(self) -> tuple[Corner, ...]:
        """Return every combination; one of nothing where the case names no conditions."""
        none = (None,)
        return tuple(
            Corner(process, temperature, supply)
            for process in self.process or none
            for temperature in self.temperature_c or none
            for supply in self.supply_v or none
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a metric.

    Attributes:
        op: ``>=`` or ``<=``.
        value: The bound.
    """

    op: Literal[">=", "<="]
    value: float

    def met_by(self, value: float) -> bool:
        """Return whether a value satisfies it; NaN never does."""
        return value >= self.value if self.op == ">=" else value <= self.value


@dataclass(frozen=True, slots=True)
class Spec:
    """A set of targets.

    Attributes:
        targets: By metric.
        witness: A design that meets them, where one is known.
        witness_metrics: Its metrics.
    """

    targets: Mapping[str, Target]
    witness: Mapping[str, float] | None = None
    witness_metrics: Mapping[str, float] | None = None

    def missed(self, metrics: Mapping[str, float]) -> tuple[str, ...]:
        """Return the metrics that miss their target, or are not there, in order."""
        return tuple(
            name
            for name, target in self.targets.items()
            if not target.met_by(metrics.get(name, math.nan))
        )

    def met(self, metrics: Mapping[str, float]) -> bool:
        """Return whether every target is met."""
        return not self.missed(metrics)


def read_parameters(given: Any, place: Place) -> tuple[DesignParameter, ...]:
    """Return the design parameters of a case."""
    made = []
    for name, raw in read.an_object(given, place).items():
        here = place / name
        check_name(name, here)
        item = read.an_object(raw, here)
        lo, hi, nominal = (
            read.a_number(read.field(item, key, here), here / key)
            for key in ("lo", "hi", "nominal")
        )
        scale = read.a_choice(read.field(item, "scale", here), SCALES, here / "scale")
        kind = read.a_choice(read.field(item, "kind", here), PARAMETER_KINDS, here / "kind")
        parameter = DesignParameter(name, lo, hi, nominal, scale, kind)  # type: ignore[arg-type]
        if not lo <= hi:
            here.refuse(f"goes from lo {lo:g} to hi {hi:g}; lo must not be above hi")
        if scale == "log" and lo <= 0:
            here.refuse(f"has scale log and lo {lo:g}; a logarithm needs values above zero")
        if kind == "integer" and (lo != round(lo) or hi != round(hi)):
            here.refuse("has kind integer; lo and hi must be whole numbers")
        if not parameter.allows(nominal):
            here.refuse(f"has nominal {nominal:g}, which is no allowed value from {lo:g} to {hi:g}")
        made.append(parameter)
    if not made:
        place.refuse("is empty; a case has at least one")
    return tuple(made)


def read_conditions(given: Any, fixed: Mapping[str, float], place: Place) -> Conditions:
    """Return the corners of a case."""
    item = read.an_object(given, place)
    process = read.texts(item.get("process", []), place / "process")
    raw = read.an_object(item.get("process_include_lines", {}), place / "process_include_lines")
    lines = {
        name: read.texts(value, place / "process_include_lines" / name)
        for name, value in raw.items()
    }
    if set(lines) != set(process) or len(set(process)) != len(process):
        place.refuse("names other processes in process than in process_include_lines")
    if process and not lines[process[0]]:
        (place / "process_include_lines" / process[0]).refuse("is empty; the deck has such lines")
    for name, texts in lines.items():
        for text in texts:
            if (
                not re.match(r"\.(?:inc|include|lib|param)\s+\S", text, re.IGNORECASE)
                or "\n" in text
            ):
                (place / "process_include_lines" / name).refuse(
                    f"has {text!r}; only .include, .lib and .param lines may stand there"
                )
    temperatures, supplies = (
        tuple(
            read.a_number(value, place / key / f"[{at}]")
            for at, value in enumerate(read.a_list(item.get(key, []), place / key))
        )
        for key in ("temperature_c", "supply_v")
    )
    if supplies and "vdd" not in fixed:
        (place / "supply_v").refuse("needs a fixed parameter vdd, which the case does not have")
    if any(value <= -273.15 for value in temperatures):
        (place / "temperature_c").refuse("has a temperature at or below absolute zero")
    return Conditions(process, lines, temperatures, supplies)


def read_spec(given: Any, direction: Mapping[str, Direction], place: Place) -> Spec:
    """Return a target set; the object of a level of ``specs``, or of a user's own file."""
    item = read.an_object(given, place)
    here = place / "targets"
    targets = {}
    for name, raw in read.an_object(read.field(item, "targets", place), here).items():
        if name not in direction:
            here.refuse(f"names {name!r}, which is no metric; there are {', '.join(direction)}")
        target = read.an_object(raw, here / name)
        wanted = ">=" if direction[name] == "min" else "<="
        op = read.a_choice(read.field(target, "op", here / name), (">=", "<="), here / name / "op")
        if op != wanted:
            (here / name).refuse(
                f"has op {op}; {name} has direction {direction[name]}, so it must be {wanted}"
            )
        value = read.a_number(read.field(target, "value", here / name), here / name / "value")
        targets[name] = Target(op, value)  # type: ignore[arg-type]
    if not targets:
        here.refuse("is empty; a target set has at least one")
    if "witness" not in item:
        return Spec(targets)
    witness = read.an_object(item["witness"], place / "witness")
    params = read.field(witness, "params", place / "witness")
    return Spec(
        targets,
        read.numbers(params, place / "witness" / "params"),
        read.numbers(witness.get("metrics", {}), place / "witness" / "metrics"),
    )


def read_spec_file(path: Path | str, direction: Mapping[str, Direction]) -> Spec:
    """Return the target set of a file: an object of which only ``targets`` is needed.

    Raises:
        SpecError: It cannot be read, or does not fit the case.
    """
    return read_spec(read.read_json(Path(path)), direction, Place(str(path)))


def check_name(name: str, place: Place) -> None:
    """Refuse a name that cannot be a parameter of a deck.

    Raises:
        SpecError: It is no lower-case word.
    """
    if not NAME.match(name) or name != name.lower():
        raise SpecError(
            f"{place} cannot be a parameter; write a word of lower-case letters, digits and _"
        )
