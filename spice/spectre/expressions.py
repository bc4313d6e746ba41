r"""Spectre's numbers and expressions, turned into the one form every other room reads.

Suffixes are case-sensitive (``1M`` is a million, ``1m`` a thousandth), so numbers are written
out in exponent form here; names of constants (``M_PI``, ``P_Q``) become their values. What has
no counterpart, operators on bits, is refused by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from eda.errors import ExpressionError
from eda.numbers import format_exact

SUFFIXES: Final[dict[str, int]] = {
    **{"P": 15, "T": 12, "G": 9, "M": 6, "K": 3, "k": 3, "_": 0, "%": -2, "c": -2},
    **{"m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18},
}
"""Powers of ten by suffix; any other letter begins a unit."""

CONSTANTS: Final[dict[str, float]] = {
    **{"M_PI": math.pi, "M_E": math.e, "M_PI_2": math.pi / 2, "M_PI_4": math.pi / 4},
    **{"M_1_PI": 1 / math.pi, "M_2_PI": 2 / math.pi, "M_TWO_PI": 2 * math.pi},
    **{"M_2_SQRTPI": 2 / math.sqrt(math.pi), "M_DEGPERRAD": 180 / math.pi},
    **{"M_LN2": math.log(2), "M_LN10": math.log(10), "M_LOG2E": math.log2(math.e)},
    **{"M_LOG10E": math.log10(math.e), "M_SQRT2": math.sqrt(2), "M_SQRT1_2": math.sqrt(0.5)},
    **{"P_Q": 1.6021918e-19, "P_K": 1.3806226e-23, "P_C": 2.997924562e8},
    **{"P_H": 6.6260755e-34, "P_EPS0": 8.85418792394420013968e-12},
    **{"P_U0": 4e-7 * math.pi, "P_CELSIUS0": 273.15},
}
"""Names with a value of their own, as the simulator defines them."""

FUNCTIONS: Final = frozenset(
    (
        *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
        *("asinh", "acosh", "atanh", "sqrt", "exp", "log", "ln", "log10", "abs", "floor"),
        *("ceil", "int", "min", "max", "pow", "hypot", "fmod", "round"),
    )
)
"""Functions that mean the same here (``log`` is natural) and everywhere else."""

_NUMBER: Final = re.compile(
    r"(?P<mantissa>(?:\d+(?:\.\d*)?|\.\d+))(?:[eE](?P<exponent>[+-]?\d+))?"
    r"(?P<letters>%(?![\w(.])|[A-Za-z_\u00b5\u03bc]\w*)?"
)
_BASED: Final = re.compile(
    r"\d*'(?:[hH]([0-9a-fA-F]{1,16})|[bB]([01]{1,64})|[oO]([0-7]{1,21})"
    r"|[dD](\d{1,19}))"
)
_NAME: Final = re.compile(r"\$time|(?:[^\W\d]|\\.)(?:[\w.!]|\\.)*")
_OPERATOR: Final = re.compile(r"\*\*|&&|\|\||<<|>>|[<>=!]=|~&|~\||~\^|\^~|[-+*/%<>?:(),!&|^~]")
_OF_BITS: Final = frozenset({"&", "|", "^", "~", "~&", "~|", "~^", "^~"})
_PROBE: Final = re.compile(r"([vVi])\s*\(([^()]*)\)")


def spectre_number(text: str) -> float | None:
    r"""Return the value of a number, or None where the text is none.

    Example:
        >>> [spectre_number(t) for t in ("1M", "1m", "4.7K", "2pf", "27_C", "50%", "vdd")]
        [1000000.0, 0.001, 4700.0, 2e-12, 27.0, 0.5, None]
    """
    sign = 1.0
    if text[:1] in "+-" and text[:1]:
        sign, text = (-1.0 if text[0] == "-" else 1.0), text[1:]
    found = _NUMBER.fullmatch(text)
    if found is not None:
        value = _value(found)
        return None if value is None else sign * value
    based = _BASED.fullmatch(text)
    return None if based is None else sign * _based(based)


def _value(found: re.Match[str]) -> float | None:
    mantissa, exponent, letters = found.group("mantissa", "exponent", "letters")
    if exponent and len(exponent) > 5:
        return None
    first = (letters or "")[:1]
    power = SUFFIXES.get("u" if first in ("\u00b5", "\u03bc") else first, 0) if first else 0
    return float(f"{mantissa}e{int(exponent or 0) + power}")


def _based(found: re.Match[str]) -> float:
    for digits, base in zip(found.groups(), (16, 2, 8, 10), strict=True):
        if digits:
            return float(int(digits, base))
    return 0.0


def translate(
    text: str,
    *,
    name: Callable[[str], str] = str.lower,
    net: Callable[[str], str] = str,
    device: Callable[[str], str] = str,
) -> str:
    """Return an expression in the form that `eda.circuit.expression.evaluate` reads.

    Args:
        text: The expression, as written in Spectre.
        name: Gives the parameter a name stands for.
        net: Gives the net a name in a ``v()`` stands for.
        device: Gives the device a name in an ``i()`` stands for.

    Raises:
        ExpressionError: It cannot be cut into tokens, or uses an operator on bits.

    Example:
        >>> translate("2 * W + (L > 1M ? M_PI : log(x))")
        '2*w+(l>1000000.0?3.141592653589793:log(x))'
        >>> translate('v("a","b")*1m + i("V1:1")')
        'V(a,b)*0.001+I(V1)'
    """
    out: list[str] = []
    at = 0
    complete = False  # a value stands before this place, so an operator must follow
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if complete and (text[at].isalnum() or text[at] in "_.\\\"'"):
            word = text[at:].split(None, 1)[0]
            raise _bad(text, at, f"'{word[:40]}' is not expected here")
        probe = _PROBE.match(text, at)
        if probe is not None:
            out.append(_probe(probe, net, device))
            at, complete = probe.end(), True
            continue
        based = _BASED.match(text, at)
        found = based or _NUMBER.match(text, at)
        if found is not None:
            value = _based(based) if based is not None else _value(found)
            if value is None:
                raise _bad(text, at, f"'{found.group()}' is no number")
            out.append(format_exact(value) if value < 1e6 else repr(value))
        elif (found := _NAME.match(text, at)) is not None:
            out.append(_name(found.group(), name))
        elif (found := _OPERATOR.match(text, at)) is not None:
            if found.group() in _OF_BITS:
                raise _bad(text, at, f"the operator '{found.group()}' on bits has no counterpart")
            # ``a!=b`` without blanks would be read as a name that ends in ``!``.
            out.append(" != " if found.group() == "!=" else found.group())
        else:
            raise _bad(text, at, f"'{text[at]}' is not expected here")
        complete = text[found.end() - 1] not in "-+*/%<>=?:(,!&|"
        at = found.end()
    return "".join(out)


def _name(word: str, name: Callable[[str], str]) -> str:
    if word == "$time":
        return "time"
    constant = CONSTANTS.get(word)
    return name(word) if constant is None else repr(constant)


def _probe(found: re.Match[str], net: Callable[[str], str], device: Callable[[str], str]) -> str:
    words = [word.strip().strip('"') for word in found[2].split(",") if word.strip()]
    if found[1] == "i":
        return f"I({','.join(device(word.partition(':')[0]) for word in words)})"
    return f"V({','.join(map(net, words))})"


def _bad(text: str, at: int, why: str) -> ExpressionError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return ExpressionError(f"bad expression {shown}: {why}", column=at + 1)
