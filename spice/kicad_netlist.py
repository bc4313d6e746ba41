"""KiCad's own netlist, an s-expression, as the cards of a SPICE netlist.

``(export (components (comp (ref R1) (value 4k7) ...)) (nets (net (name N) (node ...))))``: each
part becomes the card that KiCad's SPICE exporter would write. What a part is, its ``Sim`` fields
say (``Spice_`` fields before version 7), else the letter of its reference; what has neither is a
black box whose pins are called as in its symbol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from eda.errors import NetlistError
from eda.spice.lines import LogicalLine

MAX_DEPTH: Final = 100
"""Deepest nesting of brackets that is followed."""

_START: Final = re.compile(r"\s*\(export\b")
_TOKEN: Final = re.compile(r'"((?:\\.|[^"\\])*)"|([()])|([^\s()"]+)')
_PAIR: Final = re.compile(r'([\w.+-]+)\s*=\s*(?:"([^"]*)"|(\S+))')

Node = list["str | Node"]


@dataclass
class _Part:
    reference: str
    line: int
    value: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    nets: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)


def is_kicad_netlist(text: str) -> bool:
    """Return whether a text is KiCad's own netlist."""
    return _START.match(text.lstrip("\ufeff")) is not None


def kicad_cards(text: str, path: str) -> tuple[str, list[LogicalLine]]:
    r"""Return the title and the cards of KiCad's own netlist.

    Args:
        text: The text of the file.
        path: What messages call it.

    Raises:
        NetlistError: Its brackets do not match, or are nested too deep.

    Example:
        >>> text = '(export (components (comp (ref "R1") (value "4k7")))'
        >>> text += '(nets (net (name "/in") (node (ref "R1") (pin "1")))'
        >>> text += '(net (name "GND") (node (ref "R1") (pin "2")))))'
        >>> [card.text for card in kicad_cards(text, "x.net")[1]]
        ['R1 /in 0 4k7']
    """
    tree, lines = _tree(text, path)
    parts: dict[str, _Part] = {}
    for components in _children(tree, "components"):
        for item in _children(components, "comp"):
            part = _part(item, lines.get(id(item), 1))
            parts.setdefault(part.reference, part)
    for nets in _children(tree, "nets"):
        for net in _children(nets, "net"):
            name = _net_name(_text(net, "name"))
            for node in _children(net, "node"):
                part_of = parts.get(_text(node, "ref"))
                if part_of is not None:
                    pin = _text(node, "pin")
                    part_of.nets[pin] = name
                    part_of.functions[pin] = _text(node, "pinfunction")
    title = next((_text(item, "source") for item in _children(tree, "design")), "")
    cards = [
        LogicalLine(card, part.line, 1, part.line)
        for part in parts.values()
        if part.nets and (card := _card(part))
    ]
    return title, cards


# -- the tree ---------------------------------------------------------------------------------


def _tree(text: str, path: str) -> tuple[Node, dict[int, int]]:
    """Return the nested lists of a text, and the line each one begins in."""
    root: Node = []
    stack: list[Node] = [root]
    lines: dict[int, int] = {}
    line, seen = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        if found[2] == "(":
            if len(stack) > MAX_DEPTH:
                raise NetlistError(
                    f"{path}:{line}: brackets are nested deeper than {MAX_DEPTH}", path=path
                )
            inner: Node = []
            lines[id(inner)] = line
            stack[-1].append(inner)
            stack.append(inner)
        elif found[2] == ")":
            if len(stack) == 1:
                raise NetlistError(f"{path}:{line}: a bracket closes nothing", path=path, line=line)
            stack.pop()
        else:
            word = found[3] if found[3] is not None else re.sub(r"\\(.)", r"\1", found[1])
            stack[-1].append(word)
    if len(stack) > 1:
        raise NetlistError(
            f"{path}:{line}: a bracket is not closed; the file is cut off", path=path, line=line
        )
    first = next((item for item in root if isinstance(item, list)), [])
    return first, lines


def _children(item: Node, name: str) -> Iterator[Node]:
    for child in item:
        if isinstance(child, list) and child and child[0] == name:
            yield child


def _text(item: Node, name: str) -> str:
    for child in _children(item, name):
        if len(child) > 1 and isinstance(child[1], str):
            return child[1]
    return ""


def _part(item: Node, line: int) -> _Part:
    part = _Part(_text(item, "ref"), line, _text(item, "value"))
    for name, value in _fields(item):
        part.fields.setdefault(name.lower(), value)
    return part


def _fields(item: Node) -> Iterator[tuple[str, str]]:
    """Yield the fields of a part, in either of the two forms that KiCad writes."""
    for prop in _children(item, "property"):
        yield _text(prop, "name"), _text(prop, "value")
    for fields in _children(item, "fields"):
        for one in _children(fields, "field"):
            texts = [child for child in one[1:] if isinstance(child, str)]
            yield _text(one, "name"), texts[-1] if texts else ""


def _net_name(name: str) -> str:
    """Return the name of a net as KiCad's SPICE exporter writes it."""
    if name.lower() in ("gnd", "/gnd", "0", "/0"):
        return "0"
    return re.sub(r"[\s(){}\"',=;]", "_", name) or "_"


# -- cards ------------------------------------------------------------------------------------

_PINS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys("RCLVI", ("+", "-")),
    **{"D": ("A", "K"), "Q": ("C", "B", "E", "S"), "M": ("D", "G", "S", "B"), "J": ("D", "G", "S")},
}
"""Pins in the order of the card, by letter, as the symbols of KiCad call them."""

_ALIASES: Final = {"1": "+", "2": "-", "p": "+", "n": "-", "bulk": "B", "sub": "S", "body": "B"}
_TYPES: Final = {"NPN": "Q", "PNP": "Q", "NMOS": "M", "PMOS": "M", "NJFET": "J", "PJFET": "J"}
_WAVES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "PULSE": ("pulse", ("y1", "y2", "td", "tr", "tf", "tw", "per")),
    "SIN": ("sin", ("dc", "ampl", "f", "td", "theta")),
    "EXP": ("exp", ("y1", "y2", "td1", "tau1", "td2", "tau2")),
}


def _card(part: _Part) -> str:
    """Return the card of a part; empty for one that is left out of simulations."""
    if part.fields.get("sim.enable") == "0" or part.fields.get("spice_netlist_enabled") == "N":
        return ""
    params = {
        key.lower(): quoted or plain
        for key, quoted, plain in _PAIR.findall(part.fields.get("sim.params", ""))
    }
    device = part.fields.get("sim.device", part.fields.get("spice_primitive", "")).upper()
    if device == "SPICE":
        letter = params.get("type", "X").upper()
        return _line(part, letter, _by_number(part), params.get("model", ""))
    model = part.fields.get("sim.name") or part.fields.get("spice_model") or part.value
    if device in ("SUBCKT", "X"):
        rest = " ".join(f"{key}={value}" for key, value in params.items())
        return _line(part, "X", _by_number(part), f"{_word(model)} {rest}".rstrip())
    letter = _TYPES.get(device, device[:1]) or part.reference[:1].upper()
    wanted = _PINS.get(letter)
    nets = _in_order(part, letter) if wanted is not None else None
    if nets is None:
        return _line(part, "U", _by_number(part), _word(part.value or "unknown"))
    return _line(part, letter, nets, _tail(letter, part, params, model))


def _tail(letter: str, part: _Part, params: dict[str, str], model: str) -> str:
    """Return what stands behind the nets: a value, a waveform, a model with sizes."""
    rest = dict(params)
    kind = part.fields.get("sim.type", "").upper()
    if letter in "RCL":
        value = rest.pop(letter.lower(), part.value)
        return " ".join([_word(value), *(f"{key}={text}" for key, text in rest.items())])
    if letter in "VI":
        if kind in _WAVES:
            name, keys = _WAVES[kind]
            values = [rest.pop(key, "0") for key in keys]
            ac = f" ac {rest['ac']}" if "ac" in rest else ""
            return f"{name}({' '.join(values)}){ac}"
        words = [f"{key} {rest[key]}" for key in ("dc", "ac") if key in rest]
        return " ".join(words) or part.fields.get("spice_model") or part.value
    return " ".join([_word(model), *(f"{key}={text}" for key, text in rest.items())])


def _line(part: _Part, letter: str, nets: list[str], tail: str) -> str:
    name = re.sub(r"[\s(){}\"',=;]", "_", part.reference)
    if letter != "U" and name[:1].upper() != letter:
        name = f"{letter}{name}"
    return " ".join([name, *nets, tail]).rstrip()


def _word(text: str) -> str:
    """Return a value as one word: ``10 kOhm`` is ``10kOhm``."""
    return re.sub(r"[\s(){}\"',=;]+", "", text) if text else "unknown"


def _by_number(part: _Part) -> list[str]:
    """Return the nets in the order of the pins' numbers, or of the order that is given."""
    given = part.fields.get("spice_node_sequence", "")
    pins = sorted(part.nets, key=_numeric)
    order = [word for word in re.split(r"[\s,]+", given) if word in part.nets]
    if not order:
        mapped = {own: pin for pin, own in _mapping(part)}
        order = [
            mapped[own]
            for own in sorted(mapped, key=lambda own: (not own.isdecimal(), own.zfill(8)))
        ]
    return [part.nets[pin] for pin in (order if len(order) == len(pins) else pins)]


def _numeric(pin: str) -> tuple[bool, str]:
    return not pin.isdecimal(), pin.zfill(8)


def _mapping(part: _Part) -> Iterator[tuple[str, str]]:
    """Yield (pin of the symbol, pin of the model), as ``Sim.Pins`` says."""
    for word in part.fields.get("sim.pins", "").split():
        pin, _, own = word.partition("=")
        if pin in part.nets and own and own != "~":
            yield pin, own


def _in_order(part: _Part, letter: str) -> list[str] | None:
    """Return the nets in the order of a card, or None where the pins are not told apart."""
    wanted = _PINS[letter]
    given = part.fields.get("spice_node_sequence", "")
    order = [word for word in re.split(r"[\s,]+", given) if word in part.nets]
    if order:
        return [part.nets[pin] for pin in order]
    found: dict[str, str] = {}
    for pin, own in _mapping(part):
        found.setdefault(_pin_name(own, wanted), part.nets[pin])
    if not found:
        for pin, function in part.functions.items():
            found.setdefault(_pin_name(function, wanted), part.nets[pin])
    if all(name in found for name in wanted[: 2 if len(wanted) == 2 else 3]):
        return [found[name] for name in wanted if name in found]
    if len(wanted) == 2 and len(part.nets) == 2:
        nets = _by_number(part)
        # The first pin of KiCad's diodes is the cathode.
        return nets[::-1] if letter == "D" else nets
    return None


def _pin_name(name: str, wanted: tuple[str, ...]) -> str:
    known = _ALIASES.get(name.lower(), name.upper())
    return known if known in wanted else name.upper()
