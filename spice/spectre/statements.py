"""Cards of SPICE as statements of Spectre: analyses, options, initial conditions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from eda.errors import InputError
from eda.numbers import format_exact
from eda.spice.analyses import Ac, Dc, Noise, Op, Sp, Tran, from_card
from eda.spice.spectre.analyses import OPTIONS

_THEIRS: Final = {ours: theirs for theirs, ours in OPTIONS.items()}
_NET_VALUE: Final = re.compile(
    r"v\s*\(\s*([^\s()]+)\s*\)\s*=\s*(\{[^{}]*\}|'[^']*'|[^\s]+)", re.IGNORECASE
)


def has_statement(card: str) -> bool:
    """Return whether a card has a counterpart in Spectre."""
    return bool(statement_of(card, 1, str))


def statement_of(card: str, number: int, name: Callable[[str], str]) -> str:
    """Return a card's statement; empty where it has none.

    Args:
        card: The card, with its dot.
        number: Makes the name of the statement: ``tran1``.
        name: Writes the name of a net or device.

    Example:
        >>> statement_of(".ac dec 10 1 1meg", 1, str)
        'ac1 ac start=1 stop=1000000.0 dec=10'
        >>> statement_of(".ic v(out)=2.5", 1, str)
        'ic out=2.5'
    """
    word, _, rest = card[1:].partition(" ")
    word = word.lower()
    if word in ("ic", "nodeset"):
        return _initial(word, rest, name)
    if word in ("option", "options"):
        return _options(rest, number)
    if word == "temp":
        return f"temp{number} options temp={rest.split()[0]}" if rest.strip() else ""
    try:
        made = from_card(card)
    except InputError:
        return ""
    head = f"{word}{number}"
    if isinstance(made, Op):
        return f"{head} dc"
    if isinstance(made, Tran):
        return _tran(head, made)
    if isinstance(made, Dc):
        return _dc(head, made, name)
    if isinstance(made, Ac | Sp | Noise) and made.spacing != "oct":
        span = (
            f"start={format_exact(made.start_hz)} stop={format_exact(made.stop_hz)} "
            f"{made.spacing}={made.points}"
        )
        if isinstance(made, Noise):
            nets = f"{name(made.output)} {name(made.reference) if made.reference else '0'}"
            return f"{head} ({nets}) noise {span} iprobe={name(made.source)}"
        if isinstance(made, Ac) or not made.noise:
            return f"{head} {word} {span}"
    return ""


def _tran(head: str, made: Tran) -> str:
    words = [f"{head} tran stop={format_exact(made.stop_s)} step={format_exact(made.step_s)}"]
    if made.start_s:
        words.append(f"start={format_exact(made.start_s)}")
    if made.max_step_s is not None:
        words.append(f"maxstep={format_exact(made.max_step_s)}")
    if made.use_initial_conditions:
        words.append("skipdc=yes")
    return " ".join(words)


def _dc(head: str, made: Dc, name: Callable[[str], str]) -> str:
    if made.outer is not None:
        return ""
    swept = "param=temp" if made.source == "temp" else f"dev={name(made.source)} param=dc"
    values = [
        f"{key}={format_exact(value)}"
        for key, value in (("start", made.start), ("stop", made.stop), ("step", made.step))
    ]
    return f"{head} dc {swept} {' '.join(values)}"


def _options(rest: str, number: int) -> str:
    words = []
    for word in rest.split():
        key, equals, value = word.partition("=")
        if equals and key.lower() in _THEIRS:
            words.append(f"{_THEIRS[key.lower()]}={value}")
    return f"options{number} options {' '.join(words)}" if words else ""


def _initial(word: str, rest: str, name: Callable[[str], str]) -> str:
    found = _NET_VALUE.findall(rest)
    shown = " ".join(f"{name(net)}={_bare(value)}" for net, value in found)
    return f"{word} {shown}" if found else ""


def _bare(value: str) -> str:
    """Return an expression without what stands round it; a sum gets brackets."""
    inner = value.strip("{}'")
    return inner if inner == value or re.fullmatch(r"[\w.]+", inner) else f"({inner})"
