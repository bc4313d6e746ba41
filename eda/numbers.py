"""SPICE numbers: ``4.7k``, ``1meg``, ``10pF``, ``2.5kOhm`` to floats and back.

SPICE is case-insensitive, so ``M`` is milli and ``MEG`` is mega; whatever letters follow a
suffix are a unit and mean nothing (``1F`` is a femto, as every SPICE reads it).
"""

from __future__ import annotations

import math
import re
from typing import Final

SUFFIXES: Final[dict[str, float]] = {
    "t": 1e12,
    "g": 1e9,
    "meg": 1e6,
    "k": 1e3,
    "mil": 25.4e-6,
    "m": 1e-3,
    "u": 1e-6,
    "\u00b5": 1e-6,  # micro sign
    "\u03bc": 1e-6,  # Greek mu
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "a": 1e-18,
}
"""The suffixes every dialect knows. ``x`` (mega) is known to HSPICE and PSpice only."""

_MANTISSA = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_NUMBER: Final = re.compile(
    rf"({_MANTISSA})(?:[eEdD]([+-]?\d+))?([^\W\d_]*%?)$",
)
_INFIX: Final = re.compile(
    r"([+-]?\d+)(meg|[tgkxmunpfr\u00b5\u03bc])(\d+)[^\W\d_]*$", re.IGNORECASE
)
_EXPONENTS: Final = (
    *((12, "t"), (9, "g"), (6, "meg"), (3, "k"), (0, "")),
    *((-3, "m"), (-6, "u"), (-9, "n"), (-12, "p"), (-15, "f"), (-18, "a")),
)


def _suffix_factor(letters: str, *, x_is_mega: bool) -> float:
    word = letters.lower()
    if word[:3] in ("meg", "mil"):
        return SUFFIXES[word[:3]]
    if x_is_mega and word[:1] == "x":
        return 1e6
    return SUFFIXES.get(word[:1], 1.0)


def parse_number(text: str, *, x_is_mega: bool = False, infix: bool = False) -> float | None:
    """Return the value of a SPICE number, or None where the text is no number.

    Args:
        text: The number as written, without blanks round it.
        x_is_mega: Whether ``1x`` is a million (HSPICE, PSpice).
        infix: Whether ``4K7`` is 4.7k (LTspice, board netlists).

    Example:
        >>> parse_number("1MEG"), parse_number("10pF"), parse_number("1mil"), parse_number("vdd")
        (1000000.0, 1e-11, 2.54e-05, None)
        >>> parse_number("4K7", infix=True), parse_number("4K7")
        (4700.0, None)
    """
    found = _NUMBER.match(text)
    if found is None:
        if infix and (parts := _INFIX.match(text)) is not None:
            whole, letter, fraction = parts.groups()
            factor = 1.0 if letter in "rR" else _suffix_factor(letter, x_is_mega=True)
            return _scaled(f"{whole}.{fraction}", factor)
        return None
    mantissa, exponent, letters = found.groups()
    if exponent:
        # A hundred-digit exponent is a stranger's joke, not a number.
        if len(exponent) > 5:
            return None
        mantissa = f"{mantissa}e{exponent}"
    if not letters:
        return float(mantissa)
    return _scaled(mantissa, _suffix_factor(letters, x_is_mega=x_is_mega))


def _scaled(mantissa: str, factor: float) -> float:
    """Return ``mantissa * factor``, rounded once (``4.7u`` is exactly ``4.7e-06``)."""
    if factor == 1.0:
        return float(mantissa)
    power = round(math.log10(factor))
    if math.isclose(factor, 10.0**power, rel_tol=1e-12):
        base, _, exponent = mantissa.partition("e")
        return float(f"{base}e{int(exponent or 0) + power}")
    return float(mantissa) * factor


def format_exact(value: float) -> str:
    """Return the shortest text that reads back as the same float, in exponent form.

    Example:
        >>> format_exact(4700.0), format_exact(1e-6), format_exact(0.0)
        ('4700', '1e-06', '0')
    """
    if not math.isfinite(value):
        # Read back as what it is; simulators have their own opinion of it.
        return "{0/0}" if math.isnan(value) else f"{'-' if value < 0 else ''}1e999"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return repr(float(value))


def format_engineering(value: float, *, digits: int = 4, unit: str = "") -> str:
    """Return a number for people: ``4.7k``, ``10u``.

    Example:
        >>> format_engineering(4700.0), format_engineering(1e-5, unit="A")
        ('4.7k', '10uA')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}{unit}"
    for exponent, suffix in _EXPONENTS:
        scaled = value / 10.0**exponent
        if 1 <= float(f"{abs(scaled):.{digits}g}") < 1000:
            return f"{scaled:.{digits}g}{suffix}{unit}"
    return f"{value:.{digits}g}{unit}"
