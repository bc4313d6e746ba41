"""Device cards of the SPICE family: a device as the words of its card, in the style of a dialect.

The dialects share nearly all of it; a `Style` says what differs. The default is ngspice's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from eda.circuit import Device, Expression, Value
from eda.circuit.expression import probes, rename_probes
from eda.errors import NetlistError
from eda.numbers import format_exact
from eda.spice.primitives import AREAS, LENGTHS, Primitive, primitive_table
from eda.spice.sources import WAVEFORMS

WIDTH: Final = 100
"""Longest line that is written, where a card can be broken."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a dialect writes what all of them have.

    Attributes:
        name: The dialect.
        quotes: What stands round an expression.
        params: The word before the parameters of an instance and of a ``.subckt``.
        slash: Whether a slash stands before the subcircuit of an instance (CDL).
        value: What an expression of an E or G source begins with.
        words: Words of waveforms that are other ones here.
        function: The card that defines a function.
        dollars: Whether a model of R and C is written ``$[model]``, their sizes ``$W=1`` (CDL).
        tail: The last lines of a netlist.
    """

    name: str
    quotes: tuple[str, str] = ("{", "}")
    params: str = ""
    slash: bool = False
    value: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    function: str = ".func"
    dollars: bool = False
    tail: tuple[str, ...] = (".end",)


NGSPICE_STYLE: Final = Style("ngspice")

LETTERS: Final[dict[str, str]] = {
    **{"resistor": "r", "capacitor": "c", "inductor": "l", "mutual": "k", "diode": "d"},
    **{"bipolar": "q", "mosfet": "m", "jfet": "j", "mesfet": "z", "vsource": "v"},
    **{"isource": "i", "vcvs": "e", "vccs": "g", "ccvs": "h", "cccs": "f", "behavioral": "b"},
    **{"switch": "sw", "tline": "toyup", "xspice": "au", "osdi": "n", "subcircuit": "x"},
}
"""Element letters by kind; the first is used where a name has none of them."""

_SCALED: Final = frozenset({"mosfet", "resistor", "capacitor", "inductor"})

_BAD_WORD: Final = re.compile(r"[\s\"'{}(),=;]|[^\x21-\uffff]")
_PLAIN_TEXT: Final = re.compile(r"[^\s\"'{}(),=;*$+./?<>-]+$|\[[^\]]*\]$")


def device_lines(device: Device, style: Style = NGSPICE_STYLE) -> list[str]:
    """Return the card of one device, folded."""
    name, nets, tail = card_words(device, style)
    return folded([name, *nets, *tail])


def card_words(device: Device, style: Style = NGSPICE_STYLE) -> tuple[str, list[str], list[str]]:
    """Return the name, the nets and the rest of a device's card."""
    device = _in_written_units(device)
    name = spelled(device)
    letter = name[0].lower()
    nets = [word_of(net) for net in device.nets]
    if letter == "x":
        return name, nets, _instance_tail(device, style)
    tail = _TAILS.get(device.kind, _model_tail)(device, letter, style)
    if device.kind == "xspice":
        nets = [one_line(device.model), *nets] if letter == "u" else []
    elif "poly" in device.parameters:
        # POLY(n) goes between the output and the controlling pins.
        nets = [*nets[:2], tail.pop(0), *nets[2:]]
    return name, nets, tail


def spelled(device: Device) -> str:
    """Return a device's name as ngspice spells it: ``x1.r1`` is ``r.x1.r1``.

    Example:
        >>> spelled(Device("x1.R2", "resistor", ("p", "n"), ("a", "b")))
        'R.x1.R2'
    """
    name = word_of(device.name)
    path, dot, last = name.rpartition(".")
    letters = LETTERS[device.kind]
    if device.kind != "subcircuit" and last[:1].lower() == "x":
        letters = "x"  # an instance of a PDK's primitive
    if name[0].lower() in letters:
        return name
    if not last or last[0].lower() not in letters:
        last = letters[0].upper() + last
    return f"{last[0]}.{path}.{last}" if dot else last


def spelled_reference(name: str) -> str:
    """Return the name of a controlling device as ngspice spells it."""
    path, dot, last = word_of(name).rpartition(".")
    return f"{last[0]}.{path}.{last}" if dot and last else name


# -- the parts of a card ------------------------------------------------------------------


def _instance_tail(device: Device, style: Style) -> list[str]:
    words = assignments(device.parameters, style)
    if style.params and words:
        words.insert(0, style.params)
    slash = ["/"] if style.slash else []
    return [*slash, word_of(device.model or "unknown"), *words]


def _in_written_units(device: Device) -> Device:
    """Return a device with the sizes its card is to show, where the reader scales them."""
    last = device.name.rpartition(".")[2]
    if not device.model or (device.kind not in _SCALED and last[:1] not in ("x", "X")):
        return device
    primitive = primitive_table().find(device.model)
    if primitive is None or primitive.unit_m == 1.0:
        return device
    return replace(device, parameters=in_written_units(device.parameters, primitive))


def in_written_units(parameters: Mapping[str, Value], primitive: Primitive) -> dict[str, Value]:
    """Return the parameters of a PDK primitive in the unit its instances are written in."""
    made = dict(parameters)
    if primitive.unit_m != 1.0:
        for name, value in made.items():
            power = 1 if name in LENGTHS else 2 if name in AREAS else 0
            if power:
                made[name] = _divided(value, primitive.unit_m**power)
    return made


def _divided(value: Value, unit: float) -> Value:
    if isinstance(value, Expression):
        known = None if value.value is None else value.value / unit
        written = f")*{unit:g}"
        if value.text.startswith("(") and value.text.endswith(written):
            return Expression(value.text[1 : -len(written)], known)
        return Expression(f"({value.text})/{unit:g}", known)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(f"{value / unit:.15g}")
    return value


def _model_tail(device: Device, letter: str, style: Style) -> list[str]:
    """Model, flags, parameters: D Q M J Z S T O Y U P N."""
    del letter
    model = [word_of(device.model)] if device.model else []
    references = [spelled_reference(name) for name in device.references]
    return [*references, *model, *assignments(device.parameters, style)]


def _passive_tail(device: Device, letter: str, style: Style) -> list[str]:
    parameters = dict(device.parameters)
    value = parameters.pop("value", None)
    model = [word_of(device.model)] if device.model else []
    if style.dollars and device.model:
        sizes = [
            f"${word}" if word[:2] in ("w=", "l=") else word
            for word in assignments(parameters, style)
        ]
        shown = [] if value is None else [value_text(value, style)]
        return [*shown, f"$[{model[0]}]", *sizes]
    if value is None:
        return [*model, *assignments(parameters, style)]
    text = value_text(value, style)
    if isinstance(value, Expression) and value.value is None and any(probes(value.text)):
        return [*model, f"{letter}={text}", *assignments(parameters, style)]
    return [text, *model, *assignments(parameters, style)]


def _mutual_tail(device: Device, letter: str, style: Style) -> list[str]:
    del letter
    parameters = dict(device.parameters)
    coupling = parameters.pop("k", None)
    names = [spelled_reference(name) for name in device.references]
    value = [value_text(coupling, style)] if coupling is not None else []
    return [*names, *value, *assignments(parameters, style)]


_KEYWORDS: Final = ("dc", "ac", "distof1", "distof2", "portnum", "z0", "pwr", "freq", "phase")


def _source_tail(device: Device, letter: str, style: Style) -> list[str]:
    del letter
    words: list[str] = []
    rest: dict[str, Value] = {}
    for name, value in device.parameters.items():
        if name in WAVEFORMS and isinstance(value, tuple):
            points = " ".join(value_text(part, style) for part in value)
            words.append(f"{style.words.get(name, name)}({points})")
        elif name in _KEYWORDS and not isinstance(value, str | bool | tuple):
            words += [name, value_text(value, style)]
        elif name.endswith("_phase") and name[:-6] in _KEYWORDS:
            words.insert(words.index(name[:-6]) + 2, value_text(value, style))
        elif name == "arguments" and isinstance(value, tuple):
            words += [one_line(str(part)) for part in value]
        else:
            rest[name] = value
    return [*words, *assignments(rest, style)]


def _controlled_tail(device: Device, letter: str, style: Style) -> list[str]:
    """E G F H: the linear form, POLY, or a keyword and what it says."""
    del letter
    parameters = dict(device.parameters)
    words: list[str] = []
    references = [spelled_reference(name) for name in device.references]
    if "poly" in parameters:
        dimension = parameters.pop("poly")
        coefficients = parameters.pop("coefficients", ())
        words = [f"POLY({value_text(dimension, style)})", *references]
        words += (
            [value_text(c, style) for c in coefficients] if isinstance(coefficients, tuple) else []
        )
    elif "value" in parameters:
        head = style.value.get(device.kind, "value=")
        words = [*references, f"{head}{_renamed(parameters.pop('value'), style)}"]
    elif "gain" in parameters:
        words = [*references, value_text(parameters.pop("gain"), style)]
    else:
        raw = next((key for key, value in parameters.items() if isinstance(value, str)), None)
        words = references
        if raw is not None:
            words = [*references, raw, one_line(str(parameters.pop(raw)))]
    return [*words, *assignments(parameters, style)]


def _behavioral_tail(device: Device, letter: str, style: Style) -> list[str]:
    del letter
    return [
        f"{word_of(name)}={_renamed(value, style)}" for name, value in device.parameters.items()
    ]


def _xspice_tail(device: Device, letter: str, style: Style) -> list[str]:
    parameters = dict(device.parameters)
    if letter != "a":
        models = [str(parameters.pop(k)) for k in ("timing_model", "io_model") if k in parameters]
        return [*models, *assignments(parameters, style)]
    form = parameters.pop("ports", " ".join("{}" for _ in device.nets))
    nets = iter(device.nets)
    pieces = str(form).split("{}")
    filled = pieces[0] + "".join(word_of(next(nets, "null")) + piece for piece in pieces[1:])
    return [*filled.split(), word_of(device.model), *assignments(parameters, style)]


def _renamed(value: Value, style: Style) -> str:
    if isinstance(value, Expression) and "." in value.text:
        value = Expression(rename_probes(value.text, str, spelled_reference), value.value)
    return value_text(value, style)


_TAILS: Final = {
    **dict.fromkeys(("resistor", "capacitor", "inductor"), _passive_tail),
    **dict.fromkeys(("vsource", "isource"), _source_tail),
    **dict.fromkeys(("vcvs", "vccs", "ccvs", "cccs"), _controlled_tail),
    "mutual": _mutual_tail,
    "behavioral": _behavioral_tail,
    "xspice": _xspice_tail,
}


def assignments(parameters: Mapping[str, Value], style: Style = NGSPICE_STYLE) -> list[str]:
    """Return ``name=value``, then flags (in front, ngspice takes some for a model)."""
    flags = [
        one_line(name) if name[:1] in ("(", '"') else word_of(name)
        for name, value in parameters.items()
        if value is True
    ]
    named = [
        f"{word_of(name)}={value_text(value, style)}"
        for name, value in parameters.items()
        if not isinstance(value, bool)
    ]
    return named + flags


def value_text(value: Value | None, style: Style = NGSPICE_STYLE) -> str:
    """Return a parameter's value as the reader reads it."""
    if isinstance(value, Expression):
        return f"{style.quotes[0]}{one_line(value.text)}{style.quotes[1]}"
    if isinstance(value, bool) or value is None:
        return str(int(bool(value)))
    if isinstance(value, float | int):
        return format_exact(float(value))
    if isinstance(value, tuple):
        return ",".join(value_text(part, style) for part in value)
    if _PLAIN_TEXT.match(value):
        return one_line(value)
    if '"' in value:
        raise NetlistError(f"the text {value!r} cannot be written: it holds a quote")
    return f'"{one_line(value)}"'


def word_of(name: str) -> str:
    """Return a name that stands for itself in a card.

    Raises:
        NetlistError: It would not read back as one word.
    """
    if not name or _BAD_WORD.search(name):
        raise NetlistError(
            f"the name {name!r} cannot be written in a netlist: rename it without blanks, "
            "quotes, brackets, commas and equals signs"
        )
    return name


def one_line(text: str) -> str:
    """Return a text without line ends, so that it cannot become a card of its own."""
    return re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text)


def folded(words: list[str]) -> list[str]:
    """Return the words as lines no longer than `WIDTH` where that can be."""
    lines: list[str] = []
    current = ""
    for word in words:
        if current and len(current) + 1 + len(word) > WIDTH:
            lines.append(current)
            current = f"+ {word}"
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]
