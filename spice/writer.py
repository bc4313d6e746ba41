"""Writing a circuit as an ngspice netlist: numbers in exponent form, hierarchical or flat.

What was read in whatever dialect comes out as what ngspice reads; reading it again gives the
same circuit. Paths of a flat circuit (``x1.r1``) are spelled ngspice's way (``r.x1.r1``) here,
and the reader takes that spelling back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from eda.circuit import Circuit, Device, Expression, Function, ModelCard, Subcircuit, Value
from eda.circuit.expression import probes, rename_probes
from eda.errors import NetlistError
from eda.numbers import format_exact
from eda.spice.primitives import AREAS, LENGTHS, Primitive, primitive_table
from eda.spice.sources import WAVEFORMS

WIDTH: Final = 100
"""Longest line that is written, where a card can be broken."""

MARK: Final = "* dialect: ngspice"
"""Second line of what is written, so that reading it again needs no guess."""

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


def write_spice(circuit: Circuit, *, flat: bool = False, control: bool = True) -> str:
    r"""Return a circuit as the text of an ngspice netlist.

    A circuit that is one subcircuit of a file is written as a ``.subckt``.

    Args:
        circuit: What to write.
        flat: Whether to flatten it first.
        control: Whether ``.control`` blocks are written too.

    Raises:
        NetlistError: A name holds what would not read back (a blank, a quote, a bracket).

    Example:
        >>> from eda.spice import parse_netlist
        >>> print(write_spice(parse_netlist("* rc\nR1 in out 4.7k\nC1 out 0 1u\n")))
        * rc
        * dialect: ngspice
        R1 in out 4700
        C1 out 0 1e-06
        .end
        <BLANKLINE>
    """
    if flat:
        circuit = circuit.flatten()
    lines = [f"* {_one_line(circuit.title)}".rstrip(), MARK]
    if circuit.globals:
        lines += _folded([".global", *map(_word, circuit.globals)])
    for name, value in circuit.parameters.items():
        lines += _folded([".param", f"{_word(name)}={value_text(value)}"])
    lines += _scope_lines(circuit.functions, circuit.models)
    for subcircuit in circuit.subcircuits.values():
        lines += _subcircuit_lines(subcircuit)
    devices = [line for device in circuit.devices for line in device_lines(device)]
    if circuit.ports or circuit.name:
        head = [".subckt", _word(circuit.name or "top"), *map(_word, circuit.ports)]
        lines += [*_folded(head), *_directions(circuit.directions), *devices, ".ends"]
    else:
        lines += devices
    for card in circuit.cards:
        lines += _folded(_one_line(card.text).split(" "))
    if control and circuit.control:
        lines += [".control", *map(_one_line, circuit.control), ".endc"]
    return "\n".join([*lines, ".end", ""])


def write_source(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write the source text of a circuit, edits included, in the encoding it was read in.

    Raises:
        NetlistError: The circuit was not read from a text.
    """
    source = circuit.source
    if source is None:
        raise NetlistError("the circuit was not read from a file; use write_spice")
    Path(path).write_bytes(source.text.encode(source.encoding))


def device_lines(device: Device) -> list[str]:
    """Return the card of one device, folded."""
    name, nets, tail = card_words(device)
    return _folded([name, *nets, *tail])


def card_words(device: Device) -> tuple[str, list[str], list[str]]:
    """Return the name, the nets and the rest of a device's card."""
    device = _in_written_units(device)
    name = spelled(device)
    letter = name[0].lower()
    nets = [_word(net) for net in device.nets]
    if letter == "x":
        return name, nets, _instance_tail(device)
    tail = _TAILS.get(device.kind, _model_tail)(device, letter)
    if device.kind == "xspice":
        nets = [_one_line(device.model), *nets] if letter == "u" else []
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
    name = _word(device.name)
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
    path, dot, last = _word(name).rpartition(".")
    return f"{last[0]}.{path}.{last}" if dot and last else name


# -- the parts of a card ------------------------------------------------------------------


def _instance_tail(device: Device) -> list[str]:
    return [_word(device.model or "unknown"), *_assignments(device.parameters)]


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


def _model_tail(device: Device, letter: str) -> list[str]:
    """Model, flags, parameters: D Q M J Z S T O Y U P N."""
    del letter
    model = [_word(device.model)] if device.model else []
    references = [spelled_reference(name) for name in device.references]
    return [*references, *model, *_assignments(device.parameters)]


def _passive_tail(device: Device, letter: str) -> list[str]:
    parameters = dict(device.parameters)
    value = parameters.pop("value", None)
    model = [_word(device.model)] if device.model else []
    if value is None:
        return [*model, *_assignments(parameters)]
    text = value_text(value)
    if isinstance(value, Expression) and value.value is None and any(probes(value.text)):
        return [*model, f"{letter}={text}", *_assignments(parameters)]
    return [text, *model, *_assignments(parameters)]


def _mutual_tail(device: Device, letter: str) -> list[str]:
    del letter
    parameters = dict(device.parameters)
    coupling = parameters.pop("k", None)
    names = [spelled_reference(name) for name in device.references]
    value = [value_text(coupling)] if coupling is not None else []
    return [*names, *value, *_assignments(parameters)]


_KEYWORDS: Final = ("dc", "ac", "distof1", "distof2", "portnum", "z0", "pwr", "freq", "phase")


def _source_tail(device: Device, letter: str) -> list[str]:
    del letter
    words: list[str] = []
    rest: dict[str, Value] = {}
    for name, value in device.parameters.items():
        if name in WAVEFORMS and isinstance(value, tuple):
            words.append(f"{name}({' '.join(value_text(part) for part in value)})")
        elif name in _KEYWORDS and not isinstance(value, str | bool | tuple):
            words += [name, value_text(value)]
        elif name.endswith("_phase") and name[:-6] in _KEYWORDS:
            words.insert(words.index(name[:-6]) + 2, value_text(value))
        elif name == "arguments" and isinstance(value, tuple):
            words += [_one_line(str(part)) for part in value]
        else:
            rest[name] = value
    return [*words, *_assignments(rest)]


def _controlled_tail(device: Device, letter: str) -> list[str]:
    """E G F H: the linear form, POLY, or a keyword and what it says."""
    del letter
    parameters = dict(device.parameters)
    words: list[str] = []
    references = [spelled_reference(name) for name in device.references]
    if "poly" in parameters:
        dimension = parameters.pop("poly")
        coefficients = parameters.pop("coefficients", ())
        words = [f"POLY({value_text(dimension)})", *references]
        words += [value_text(c) for c in coefficients] if isinstance(coefficients, tuple) else []
    elif "value" in parameters:
        words = [*references, f"value={_renamed(parameters.pop('value'))}"]
    elif "gain" in parameters:
        words = [*references, value_text(parameters.pop("gain"))]
    else:
        raw = next((key for key, value in parameters.items() if isinstance(value, str)), None)
        words = references
        if raw is not None:
            words = [*references, raw, _one_line(str(parameters.pop(raw)))]
    return [*words, *_assignments(parameters)]


def _behavioral_tail(device: Device, letter: str) -> list[str]:
    del letter
    return [f"{_word(name)}={_renamed(value)}" for name, value in device.parameters.items()]


def _xspice_tail(device: Device, letter: str) -> list[str]:
    parameters = dict(device.parameters)
    if letter != "a":
        models = [str(parameters.pop(k)) for k in ("timing_model", "io_model") if k in parameters]
        return [*models, *_assignments(parameters)]
    form = parameters.pop("ports", " ".join("{}" for _ in device.nets))
    nets = iter(device.nets)
    pieces = str(form).split("{}")
    filled = pieces[0] + "".join(_word(next(nets, "null")) + piece for piece in pieces[1:])
    return [*filled.split(), _word(device.model), *_assignments(parameters)]


def _renamed(value: Value) -> str:
    if isinstance(value, Expression) and "." in value.text:
        value = Expression(rename_probes(value.text, str, spelled_reference), value.value)
    return value_text(value)


_TAILS: Final = {
    **dict.fromkeys(("resistor", "capacitor", "inductor"), _passive_tail),
    **dict.fromkeys(("vsource", "isource"), _source_tail),
    **dict.fromkeys(("vcvs", "vccs", "ccvs", "cccs"), _controlled_tail),
    "mutual": _mutual_tail,
    "behavioral": _behavioral_tail,
    "xspice": _xspice_tail,
}


def _assignments(parameters: Mapping[str, Value]) -> list[str]:
    """Return ``name=value``, then flags (in front, ngspice takes some for a model)."""
    flags = [
        _one_line(name) if name[:1] in ("(", '"') else _word(name)
        for name, value in parameters.items()
        if value is True
    ]
    named = [
        f"{_word(name)}={value_text(value)}"
        for name, value in parameters.items()
        if not isinstance(value, bool)
    ]
    return named + flags


def value_text(value: Value | None) -> str:
    """Return a parameter's value as the reader reads it."""
    if isinstance(value, Expression):
        return "{" + _one_line(value.text) + "}"
    if isinstance(value, bool) or value is None:
        return str(int(bool(value)))
    if isinstance(value, float | int):
        return format_exact(float(value))
    if isinstance(value, tuple):
        return ",".join(value_text(part) for part in value)
    if _PLAIN_TEXT.match(value):
        return _one_line(value)
    if '"' in value:
        raise NetlistError(f"the text {value!r} cannot be written: it holds a quote")
    return f'"{_one_line(value)}"'


def _word(name: str) -> str:
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


def _one_line(text: str) -> str:
    """Return a text without line ends, so that it cannot become a card of its own."""
    return re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text)


def _directions(directions: Mapping[str, str]) -> list[str]:
    letters = {"input": "I", "output": "O", "inout": "B"}
    items = [f"{port}:{letters[way]}" for port, way in directions.items()]
    # A comment has no continuation, so a long list is several of them.
    return [f"*.PININFO {' '.join(items[i : i + 8])}" for i in range(0, len(items), 8)]


def _scope_lines(
    functions: Mapping[str, Function], models: Mapping[str, ModelCard]
) -> Iterable[str]:
    for function in functions.values():
        arguments = ",".join(function.arguments)
        body = _one_line(function.body)
        yield f".func {_word(function.name)}({arguments}) {{{body}}}"
    for card in models.values():
        words = [".model", _word(card.name), *card.kind.split()]
        if isinstance(mesh := card.parameters.get("mesh"), str):
            # A CIDER model, whose lines are cards of their own.
            head, *lines = [_one_line(line) for line in mesh.split("\n")]
            yield " ".join([*words, head]).rstrip()
            yield from (f"+ {line}".rstrip() for line in lines)
            continue
        if card.kind == "cpl":
            matrices = [
                f"{_word(name)}={' '.join(map(value_text, value))}"
                for name, value in card.parameters.items()
                if isinstance(value, tuple)
            ]
            yield from _folded([*words, *matrices])
            continue
        yield from _folded([*words, *map(_with_version, _assignments(card.parameters))])


_VERSION: Final = re.compile(r'(version)="?(\d+(?:\.\d+)*)"?$', re.IGNORECASE)


def _with_version(word: str) -> str:
    """Return a model's parameter; a version as ngspice compares it, letter by letter.

    Example:
        >>> _with_version("version=4"), _with_version('version="3.3.0"'), _with_version("vth0=1")
        ('version=4.0', 'version=3.3.0', 'vth0=1')
    """
    found = _VERSION.match(word)
    if found is None:
        return word
    return f"{found[1]}={found[2]}" + ("" if "." in found[2] else ".0")


def _subcircuit_lines(subcircuit: Subcircuit) -> list[str]:
    defaults = [f"{_word(name)}={value_text(value)}" for name, value in subcircuit.defaults.items()]
    head = [".subckt", _word(subcircuit.name), *map(_word, subcircuit.ports), *defaults]
    lines = _folded(head)
    lines += _directions(subcircuit.directions)
    for name, value in subcircuit.parameters.items():
        lines += _folded([".param", f"{_word(name)}={value_text(value)}"])
    lines += _scope_lines(subcircuit.functions, subcircuit.models)
    for inner in subcircuit.subcircuits.values():
        lines += _subcircuit_lines(inner)
    for device in subcircuit.devices:
        lines += device_lines(device)
    lines += [_one_line(card.text) for card in subcircuit.cards]
    return [*lines, f".ends {subcircuit.name}"]


def _folded(words: list[str]) -> list[str]:
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
