"""Analyses as typed objects: what ngspice is asked to do, with units in the names.

``command()`` is the line that ngspice is sent; ``from_card`` reads the card of a deck. The line
goes through ngspice's shell-like command reader, so names and numbers are checked: nothing that
could end a command or open a file gets in. Names are in lower case there, because ngspice takes
those of a deck so, and those of commands as they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar, Final, Literal, Union

from eda.circuit.expression import DynamicExpression
from eda.errors import ExpressionError, InputError
from eda.numbers import parse_number

Spacing = Literal["dec", "oct", "lin"]
Lookup = Callable[[str], float]

_NAME: Final = re.compile(r"[\w.#:+/\[\]%@-]+$")
_WORD: Final = re.compile(r"\{[^{}]*\}|'[^']*'|[vi]\s*\([^()]*\)|[^\s,]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Op:
    """The operating point: every node voltage and branch current at rest."""

    kind: ClassVar[str] = "op"

    def command(self) -> str:
        """Return the line that ngspice is sent."""
        return "op"


@dataclass(frozen=True, slots=True)
class Dc:
    """A sweep of a source, a resistor or the temperature.

    Attributes:
        source: Name of the device, or ``temp``.
        start: First value, in the unit of what is swept (V, A, ohm, degrees Celsius).
        stop: Last value.
        step: Distance of the values.
        outer: A second sweep, for each value of which the first is run.

    Example:
        >>> Dc("vds", 0, 1.8, 0.01, outer=Dc("vgs", 0, 1.8, 0.3)).command()
        'dc vds 0 1.8 0.01 vgs 0 1.8 0.3'
    """

    source: str
    start: float
    stop: float
    step: float
    outer: Dc | None = None
    kind: ClassVar[str] = "dc"

    def __post_init__(self) -> None:
        """Check the values."""
        _check(self)
        if self.step == 0 or (self.stop - self.start) * self.step < 0:
            raise InputError(f"dc: a step of {self.step:g} never leads to {self.stop:g}")
        if self.outer is not None and self.outer.outer is not None:
            raise InputError("dc: ngspice sweeps two things at most")

    def command(self) -> str:
        """Return the line that ngspice is sent."""
        made = f"{spelled_name(self.source).lower()} {_numbers(self.start, self.stop, self.step)}"
        return f"dc {made}" + (f" {self.outer.command()[3:]}" if self.outer else "")


@dataclass(frozen=True, slots=True)
class Ac:
    """Small signals over frequency, driven by the sources that have an ``ac`` value.

    Attributes:
        start_hz: First frequency.
        stop_hz: Last frequency.
        points: Per decade or octave; for ``lin`` in all.
        spacing: ``dec oct lin``.

    Example:
        >>> Ac(1, 1e9).command()
        'ac dec 20 1 1e+09'
    """

    start_hz: float
    stop_hz: float
    points: int = 20
    spacing: Spacing = "dec"
    kind: ClassVar[str] = "ac"

    def __post_init__(self) -> None:
        """Check the values."""
        _check(self)
        _check_frequencies("ac", self.start_hz, self.stop_hz, self.points, self.spacing)

    def command(self) -> str:
        """Return the line that ngspice is sent."""
        return f"ac {self.spacing} {self.points} {_numbers(self.start_hz, self.stop_hz)}"


@dataclass(frozen=True, slots=True)
class Tran:
    """What happens over time.

    Attributes:
        step_s: Distance of the points asked for; ngspice chooses its own inside.
        stop_s: End of the time.
        start_s: Where keeping of values begins.
        max_step_s: Longest inner step; None leaves it to ngspice.
        use_initial_conditions: Whether to start from ``.ic`` without an operating point (``uic``).

    Example:
        >>> Tran(1e-9, 1e-6, use_initial_conditions=True).command()
        'tran 1e-09 1e-06 uic'
    """

    step_s: float
    stop_s: float
    start_s: float = 0.0
    max_step_s: float | None = None
    use_initial_conditions: bool = False
    kind: ClassVar[str] = "tran"

    def __post_init__(self) -> None:
        """Check the values."""
        _check(self)
        if self.step_s <= 0 or self.stop_s <= 0:
            raise InputError("tran: step and stop must be greater than zero")
        if not 0 <= self.start_s < self.stop_s:
            raise InputError("tran: the start must lie between zero and the stop")
        if self.max_step_s is not None and self.max_step_s <= 0:
            raise InputError("tran: the longest step must be greater than zero")

    def command(self) -> str:
        """Return the line that ngspice is sent."""
        values = [self.step_s, self.stop_s]
        if self.start_s or self.max_step_s is not None:
            values.append(self.start_s)
        if self.max_step_s is not None:
            values.append(self.max_step_s)
        return f"tran {_numbers(*values)}" + (" uic" if self.use_initial_conditions else "")


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise at an output, and referred to an input, over frequency.

    Attributes:
        output: The net.
        source: The source the noise is referred to; it needs an ``ac`` value.
        start_hz: First frequency.
        stop_hz: Last frequency.
        points: Per decade or octave; for ``lin`` in all.
        spacing: ``dec oct lin``.
        reference: The net the output is measured against; empty for ground.

    Example:
        >>> Noise("out", "vin", 1, 1e6, points=10).command()
        'noise v(out) vin dec 10 1 1e+06'
    """

    output: str
    source: str
    start_hz: float
    stop_hz: float
    points: int = 20
    spacing: Spacing = "dec"
    reference: str = ""
    kind: ClassVar[str] = "noise"

    def __post_init__(self) -> None:
        """Check the values."""
        _check(self)
        _check_frequencies("noise", self.start_hz, self.stop_hz, self.points, self.spacing)

    def command(self) -> str:
        """Return the line that ngspice is sent."""
        nets = f"{self.output},{self.reference}" if self.reference else self.output
        span = f"{self.spacing} {self.points} {_numbers(self.start_hz, self.stop_hz)}"
        return f"noise v({nets}) {spelled_name(self.source)} {span}".lower()


@dataclass(frozen=True, slots=True)
class Sp:
    """S-parameters between the sources that are ports (``portnum 1 z0 50``).

    Attributes:
        start_hz: First frequency.
        stop_hz: Last frequency.
        points: In all for ``lin``; else per decade or octave.
        spacing: ``dec oct lin``.
        noise: Whether noise figures are worked out too.
    """

    start_hz: float
    stop_hz: float
    points: int = 201
    spacing: Spacing = "lin"
    noise: bool = False
    kind: ClassVar[str] = "sp"

    def __post_init__(self) -> None:
        """Check the values."""
        _check(self)
        _check_frequencies("sp", self.start_hz, self.stop_hz, self.points, self.spacing)

    def command(self) -> str:
        """Return the line that ngspice is sent."""
        span = f"sp {self.spacing} {self.points} {_numbers(self.start_hz, self.stop_hz)}"
        return f"{span} 1" if self.noise else span


Analysis = Union[Op, Dc, Ac, Tran, Noise, Sp]  # noqa: UP007  # an alias that can be documented
"""Any of the analyses."""

KINDS: Final = ("op", "dc", "ac", "tran", "noise", "sp")
"""The words of cards and commands that are analyses."""


def from_card(text: str, lookup: Lookup | None = None) -> Analysis:
    """Return the analysis of a card, with or without its dot.

    Args:
        text: As ``.ac dec 20 1 {fmax}``.
        lookup: Gives the value of an expression; without it only numbers can be read.

    Raises:
        InputError: It is no such card, or its values make no sense.

    Example:
        >>> from_card(".tran 1n 1u uic")
        Tran(step_s=1e-09, stop_s=1e-06, start_s=0.0, max_step_s=None, use_initial_conditions=True)
        >>> from_card("noise v(out) vin dec 10 1 1meg").output
        'out'
    """
    words = [found.group() for found in _WORD.finditer(text.strip().lstrip("."))]
    kind = words[0].lower() if words else ""
    reader = _READERS.get(kind)
    if reader is None:
        raise InputError(f"{text.strip()!r} is none of the analyses {', '.join(KINDS)}")

    def value(word: str) -> float:
        number = parse_number(word)
        if number is not None:
            return number
        if lookup is not None:
            try:
                return lookup(word.strip("{}'"))
            except (ExpressionError, DynamicExpression):
                pass
        raise InputError(f"{text.strip()!r}: {word!r} has no value; write a number there")

    try:
        return reader(words[1:], value)
    except (IndexError, ValueError):
        raise InputError(f"{text.strip()!r}: write it as {_FORMS[kind]}") from None


def spelled_name(name: str) -> str:
    """Return a device's name as ngspice has it: ``x1.v1`` is ``v.x1.v1``.

    Example:
        >>> spelled_name("x1.v1"), spelled_name("v.x1.v1"), spelled_name("V1")
        ('v.x1.v1', 'v.x1.v1', 'V1')
    """
    first, dot, _ = name.partition(".")
    last = name.rpartition(".")[2]
    if not dot or not last or (len(first) == 1 and first.lower() == last[0].lower()):
        return name
    return f"{last[0]}.{name}"


def is_plain_name(name: str) -> bool:
    """Return whether a name can stand in a command: no blank, quote, bracket or shell sign."""
    return _NAME.match(name) is not None


def _check(analysis: Analysis) -> None:
    for item in fields(analysis):
        value = getattr(analysis, item.name)
        if isinstance(value, str):
            allowed = item.name == "reference" and not value
            if not allowed and not is_plain_name(value):
                raise InputError(f"{analysis.kind}: {value!r} is no name of a device or net")
        elif isinstance(value, float | int) and not math.isfinite(value):
            raise InputError(f"{analysis.kind}: {item.name} is {value}, which is no finite number")


def _check_frequencies(
    kind: str, start_hz: float, stop_hz: float, points: int, spacing: str
) -> None:
    if spacing not in ("dec", "oct", "lin"):
        raise InputError(f"{kind}: the spacing is dec, oct or lin, not {spacing!r}")
    if points < 1 or points != int(points):
        raise InputError(f"{kind}: the number of points must be a whole number from 1")
    if stop_hz < start_hz or start_hz < 0 or (start_hz == 0 and spacing != "lin"):
        raise InputError(f"{kind}: frequencies from {start_hz:g} to {stop_hz:g} Hz are no range")


def _numbers(*values: float) -> str:
    return " ".join(_exact(float(value)) for value in values)


def _exact(value: float) -> str:
    """Return the shorter of ``1e+10`` and ``0.123456789`` that reads back the same."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _read_op(words: list[str], value: Lookup) -> Op:
    del words, value
    return Op()


def _read_dc(words: list[str], value: Lookup) -> Dc:
    if len(words) not in (4, 8):
        raise ValueError
    outer = None
    if len(words) == 8:
        outer = Dc(words[4], value(words[5]), value(words[6]), value(words[7]))
    return Dc(words[0], value(words[1]), value(words[2]), value(words[3]), outer)


def _range(words: list[str], value: Lookup) -> tuple[float, float, int, Spacing]:
    spacing = words[0].lower()
    points = value(words[1])
    if spacing not in ("dec", "oct", "lin"):
        raise ValueError
    # ngspice cuts the fraction of a number of points off.
    return value(words[2]), value(words[3]), int(points), spacing  # type: ignore[return-value]


def _read_ac(words: list[str], value: Lookup) -> Ac:
    return Ac(*_range(words, value))


def _read_sp(words: list[str], value: Lookup) -> Sp:
    return Sp(*_range(words, value), noise=len(words) > 4 and value(words[4]) != 0)


def _read_tran(words: list[str], value: Lookup) -> Tran:
    flags = {word.lower() for word in words} & {"uic", "skipbp"}
    values = [value(word) for word in words if word.lower() not in flags]
    if len(values) == 1:
        # LTspice's short form names only the end.
        values.insert(0, values[0] / 50)
    step, stop, *rest = values
    start = rest[0] if rest else 0.0
    longest = rest[1] if len(rest) > 1 and rest[1] > 0 else None
    return Tran(step, stop, start, longest, bool(flags))


def _read_noise(words: list[str], value: Lookup) -> Noise:
    found = re.fullmatch(r"v\s*\(\s*([^\s,()]+)\s*(?:[\s,]\s*([^\s,()]+)\s*)?\)", words[0], re.I)
    if found is None:
        raise ValueError
    return Noise(found[1], words[1], *_range(words[2:], value), reference=found[2] or "")


_READERS: Final[dict[str, Callable[[list[str], Lookup], Analysis]]] = {
    "op": _read_op,
    "dc": _read_dc,
    "ac": _read_ac,
    "tran": _read_tran,
    "noise": _read_noise,
    "sp": _read_sp,
}
_FORMS: Final = {
    "op": "op",
    "dc": "dc SOURCE START STOP STEP",
    "ac": "ac dec POINTS START STOP",
    "tran": "tran STEP STOP [START [LONGEST]] [uic]",
    "noise": "noise v(OUT) SOURCE dec POINTS START STOP",
    "sp": "sp lin POINTS START STOP",
}
