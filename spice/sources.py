"""Sources and controlled sources: V, I, B, E, F, G and H cards, in all their forms.

Independent sources keep ``dc``, ``ac``, ``ac_phase`` and one entry per waveform
(``{"sin": (0.0, 1.0, 1000.0)}``). Controlled sources keep ``gain`` for the linear form, or what
the keyword says: ``poly`` and ``coefficients``, ``value``, ``table``, ``laplace``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from eda.circuit import KINDS, Device, Expression, Value
from eda.circuit.expression import rename_probes
from eda.spice.builder import Builder, TooFewError, card_words, unspelled
from eda.spice.words import bare, split_assignments, split_card, ungroup

_TWO: Final = KINDS["vsource"].roles

WAVEFORMS: Final = frozenset(
    {"sin", "pulse", "exp", "pwl", "sffm", "am", "trnoise", "trrandom", "pat", "noise", "sine"}
)
"""Words that begin a waveform of an independent source."""

_WAVE_NAMES: Final = {"sine": "sin"}
_WAVE: Final = re.compile(r"([a-z]+)\((.*)\)$", re.IGNORECASE | re.DOTALL)


def independent(kind: str, letter: str) -> Callable[[Builder, str], Device]:
    """Return the reader of V and I cards: ``V1 a 0 DC 1 AC 1 90 SIN(0 1 1k)``."""

    def read(build: Builder, text: str) -> Device:
        words, assignments = card_words(text)
        if len(words) > 1 and words[1][0] == "(":
            words = [words[0], *ungroup(words[1:2]), *words[2:]]
        if len(words) < 3:
            raise TooFewError(f"too few nets on {words[0]}", f"{letter}NAME NET NET VALUE")
        made: dict[str, Value] = {}
        _stimulus(build, words[3:], made)
        for name, raw in assignments:
            made.setdefault(name, build.value(raw))
        return build.make(words[0], kind, _TWO, words[1:3], "", made)

    return read


def _stimulus(build: Builder, words: list[str], made: dict[str, Value]) -> None:
    """Take the words behind the nets of an independent source apart."""
    at = 0
    if any(_GROUPED.match(word) for word in words):
        words = ungroup(words)  # SPICE2 decks write ``(PULSE 0 1 0 1n)`` and ``(AC 1)``
    while at < len(words):
        word = words[at]
        lower = word.lower()
        at += 1
        if lower == "dc":
            if at < len(words) and _is_amount(build, words[at]):
                made["dc"] = build.amount(words[at])
                at += 1
        elif lower in ("ac", "distof1", "distof2"):
            for name in (lower, f"{lower}_phase"):
                if at < len(words) and _is_amount(build, words[at]):
                    made[name] = build.amount(words[at])
                    at += 1
            made.setdefault(lower, 1.0)
        elif lower in WAVEFORMS:
            stop = at
            while stop < len(words) and words[stop].lower() not in _ENDS_WAVE:
                stop += 1
            made[_WAVE_NAMES.get(lower, lower)] = _points(build, words[at:stop])
            at = stop
        elif (wave := _WAVE.match(word)) is not None and wave[1].lower() in WAVEFORMS:
            inside = split_card(wave[2])
            name = wave[1].lower()
            made[_WAVE_NAMES.get(name, name)] = _points(build, inside[0])
            for name, raw in inside[1]:
                made[name] = build.value(raw)
        elif lower in ("portnum", "z0", "pwr", "freq", "phase", "r", "td") and at < len(words):
            made[lower] = build.amount(words[at])
            at += 1
        elif "dc" not in made and _is_amount(build, word):
            made["dc"] = build.amount(word)
        else:
            rest = made.get("arguments", ())
            made["arguments"] = (*(rest if isinstance(rest, tuple) else ()), word)


_GROUPED: Final = re.compile(r"\(\s*[a-z]", re.IGNORECASE)
_ENDS_WAVE: Final = frozenset({"dc", "ac", "distof1", "distof2", "portnum"})


def _is_amount(build: Builder, word: str) -> bool:
    head = word.partition("(")[0].lower()
    if head in _ENDS_WAVE or head in WAVEFORMS:
        return False
    return not isinstance(build.reading.value(word, build.draft), str)


def _points(build: Builder, words: list[str]) -> tuple[Value, ...]:
    flat = ungroup(words)
    return tuple(build.amount(w) if build.is_number(w) else build.value(w) for w in flat)


_BEHIND_NETS: Final = re.compile(
    r"(?P<name>[^\s,]+)[\s,]+(?:\(\s*)?(?P<p>[^\s,()=]+)[\s,]+(?P<n>[^\s,()=]+)\s*\)?(?P<rest>.*)$",
    re.DOTALL,
)


def behavioral(build: Builder, text: str) -> Device:
    """``B1 p n V={expression}`` (or ``I=``, and what other simulators allow beside)."""
    found = _BEHIND_NETS.match(text)
    if found is None or "=" not in found["rest"]:
        raise TooFewError(f"too few nets on {text.split()[0]}", "BNAME NET NET V={EXPRESSION}")
    made: dict[str, Value] = {}
    for name, _, raw in split_assignments(found["rest"]):
        lower = name.lower()
        if lower in ("v", "i", "r", "q", "p", "g"):
            made[lower] = build.expression(_own_names(bare(raw)), raw)
        elif raw:
            made[lower] = build.value(raw)
    return build.make(found["name"], "behavioral", _TWO, [found["p"], found["n"]], "", made)


_SPELLED: Final = re.compile(r"\(\s*[a-z]\.", re.IGNORECASE)


def _own_names(text: str) -> str:
    """Return an expression with ngspice's spelling of paths (``I(v.x1.v1)``) taken back."""
    return rename_probes(text, str, unspelled) if _SPELLED.search(text) else text


_LINEAR: Final = re.compile(
    r"(?:value|vol|cur)\s*=?\s*[{'(]\s*(?P<gain>[^\s*(){}']+)\s*\*\s*"
    r"v\(\s*(?P<cp>[^\s,()]+)\s*(?:,\s*(?P<cn>[^\s,()]+)\s*)?\)\s*[})']\s*$",
    re.IGNORECASE,
)
_KEYWORD: Final = re.compile(
    r"(?P<word>value|vol|cur|table|laplace|freq|chebyshev|foster|pole|transformer|opamp|delay"
    r"|pwl|npwl|ppwl|vcr|vccap|and|nand|or|nor)\s*(?P<mark>=|\{|'|\(|\s)",
    re.IGNORECASE,
)


def voltage_controlled(kind: str, letter: str) -> Callable[[Builder, str], Device]:
    """Return the reader of E and G cards: linear, ``POLY``, ``VALUE``, ``TABLE``, ``LAPLACE``."""
    form = f"{letter}NAME NET NET CTRL CTRL GAIN"

    def read(build: Builder, text: str) -> Device:
        found = _BEHIND_NETS.match(text)
        if found is None:
            raise TooFewError(f"too few nets on {text.split()[0]}", form)
        rest = found["rest"].strip()
        nets = [found["p"], found["n"]]
        keyword = _KEYWORD.match(rest)
        if keyword is not None:
            linear = _LINEAR.match(rest)
            if linear is not None and (gain := build.reading.number(linear["gain"])) is not None:
                # ``VALUE={10*V(a,b)}`` is what other dialects write as ``a b 10``.
                nets += [linear["cp"], linear["cn"] or "0"]
                roles = _TWO + _control_roles(1)
                return build.make(found["name"], kind, roles, nets, "", {"gain": gain})
            made = _function_form(build, keyword["word"].lower(), rest[len(keyword["word"]) :])
            return build.make(found["name"], kind, _TWO, nets, "", made)
        words, assignments = split_card(rest)
        if words and words[0].lower() in ("vcvs", "vccs"):
            words = words[1:]
        poly, words = _poly(words)
        words = ungroup(words)
        controls = 2 * max(poly, 1)
        # An ideal source may omit nothing but the gain, which HSPICE lets stand as ``gain=``.
        if len(words) == 1 and build.reading.dialect.name == "ltspice":
            made = {"value": build.amount(words[0]), **build.parameters(assignments)}
            return build.make(found["name"], kind, _TWO, nets, "", made)
        if len(words) < controls:
            raise TooFewError(f"too few nets on {found['name']}", form)
        made = dict(build.parameters(assignments))
        _gains(build, made, poly, words[controls:])
        roles = _TWO + _control_roles(max(poly, 1))
        nets += words[:controls]
        return build.make(found["name"], kind, roles, nets, "", made)

    return read


def _control_roles(count: int) -> tuple[str, ...]:
    if count == 1:
        return ("cp", "cn")
    return tuple(f"c{sign}{i + 1}" for i in range(count) for sign in "pn")


def _poly(words: list[str]) -> tuple[int, list[str]]:
    """Return the dimension of a leading ``POLY(n)`` (0 without one) and the other words."""
    if not words or not words[0].lower().startswith("poly"):
        return 0, words
    text, rest = words[0][4:], words[1:]
    if not text and rest:
        text, rest = rest[0], rest[1:]
    inside = text.strip("() ")
    return (min(int(inside), 1000) if inside.isdecimal() and len(inside) < 5 else 1), rest


def _gains(build: Builder, made: dict[str, Value], poly: int, words: list[str]) -> None:
    numbers = tuple(build.amount(word) for word in words if word.lower() not in ("max", "min"))
    if poly:
        made["poly"] = float(poly)
        made["coefficients"] = numbers
    elif numbers:
        made["gain"] = numbers[0]


def _function_form(build: Builder, word: str, rest: str) -> dict[str, Value]:
    """Return the parameters of ``VALUE={...}`` and its kind."""
    rest = rest.strip()
    rest = rest[1:].strip() if rest.startswith("=") else rest
    if word in ("value", "vol", "cur"):
        triples = split_assignments(f"value={rest}")
        made: dict[str, Value] = {"value": build.expression(_own_names(bare(triples[0][2])), rest)}
        for name, _, raw in triples[1:]:
            if raw:
                made[name.lower()] = build.value(raw)
        return made
    return {word: rest}


def current_controlled(kind: str, letter: str) -> Callable[[Builder, str], Device]:
    """Return the reader of F and H cards: controlled by the current of a source."""
    form = f"{letter}NAME NET NET VNAME GAIN"

    def read(build: Builder, text: str) -> Device:
        words, assignments = card_words(text)
        if len(words) > 1 and words[1][0] == "(":
            words = [words[0], *ungroup(words[1:2]), *words[2:]]
        parameters: Mapping[str, Value] = build.parameters(assignments)
        if len(words) < 3 or (len(words) < 4 and not parameters):
            raise TooFewError(f"too few nets on {words[0]}", form)
        rest = words[3:]
        if rest and rest[0].lower() in ("cccs", "ccvs"):
            rest = rest[1:]
        poly, rest = _poly(rest)
        rest = ungroup(rest)
        made = dict(parameters)
        if not poly and rest and rest[0].lower() in ("value", "laplace", "table"):
            made.update(_function_form(build, rest[0].lower(), " ".join(rest[1:])))
            return build.make(words[0], kind, _TWO, words[1:3], "", made)
        if "value" in made:
            value = made["value"]
            if isinstance(value, str):
                made["value"] = Expression(value)
        count = max(poly, 1) if rest else 0
        references = tuple(rest[:count])
        _gains(build, made, poly, rest[count:])
        return build.make(words[0], kind, _TWO, words[1:3], "", made, references)

    return read
