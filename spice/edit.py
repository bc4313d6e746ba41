"""Lossless edits: one token of the user's own file changes, everything else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from eda.circuit import Circuit, Device, Source, Value
from eda.errors import NetlistError
from eda.spice.cards import in_written_units, value_text
from eda.spice.dialects import DIALECTS
from eda.spice.lines import without_comment
from eda.spice.primitives import primitive_table
from eda.spice.spectre.lines import piece_of
from eda.spice.spectre.masters import PRIMITIVES
from eda.spice.spectre.values import escaped, spectre_text
from eda.spice.spectre.words import unescaped
from eda.spice.words import CardSyntaxError, split_card

_SPECTRE_TOKEN: Final = re.compile(r"(?:[^\s,()\[\]={}'\"\\]|\\.)+")
_TOKEN: Final = re.compile(r"[^\s,()\[\]={}'\"]+")
_NAME: Final = re.compile(r"[^\s,()=;{}'\"]+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a card in the source: its place in the text, and its characters."""

    start: int
    text: str


def connect(circuit: Circuit, device: str, role: str, net: str) -> Circuit:
    r"""Return the circuit with one pin moved to another net, its source text edited alike.

    Args:
        circuit: A circuit, or a flat one made of a single subcircuit of a file.
        device: Name of the device.
        role: Role of the pin (``g``), or its number from 1.
        net: The net it goes to.

    Raises:
        KeyError: There is no such device or pin.
        NetlistError: The net's name cannot stand in a netlist, or the device stands in an
            included file or inside an instance, where an edit would change other copies.

    Example:
        >>> from eda.spice import parse_netlist
        >>> before = parse_netlist("* t\nR1 in x 1k ; load\n")
        >>> print(connect(before, "R1", "n", "out").source.text, end="")
        * t
        R1 in out 1k ; load
    """
    found = circuit.device(device)
    at = pin_index(found, role)
    if not _NAME.fullmatch(net):
        raise NetlistError(f"{net!r} cannot be the name of a net: it holds a blank or a mark")
    nets = (*found.nets[:at], net, *found.nets[at + 1 :])
    changed = _with_device(circuit, found, replace(found, nets=nets))
    if circuit.source is None:
        return changed
    source = _editable(circuit, found)
    place = _net_place(source, found, at, circuit.dialect)
    written = escaped(net) if circuit.dialect == "spectre" else net
    return _with_text(changed, source, place.start, len(place.text), written)


def with_parameters(circuit: Circuit, device: str, parameters: Mapping[str, Value]) -> Circuit:
    r"""Return the circuit with parameters of a device set, its source text edited alike.

    Numbers are SI; those of PDK primitives are written in the unit of the PDK. A parameter
    the card does not have yet is added at its end.

    Raises:
        KeyError: There is no such device.
        NetlistError: As for `connect`.

    Example:
        >>> from eda.spice import parse_netlist
        >>> before = parse_netlist("* t\nM1 d g s b nch w=1u l=1u $ input\n")
        >>> after = with_parameters(before, "M1", {"w": 2e-6, "m": 2.0})
        >>> print(after.source.text, end="")
        * t
        M1 d g s b nch w=2e-06 l=1u m=2 $ input
    """
    for name, value in parameters.items():
        found = circuit.device(device)
        merged = {**found.parameters, name.lower(): value}
        changed = _with_device(circuit, found, replace(found, parameters=merged))
        if circuit.source is not None:
            source = _editable(circuit, found)
            start, length, text = _assignment(source, found, name.lower(), value, circuit.dialect)
            changed = _with_text(changed, source, start, length, text)
        circuit = changed
    return circuit


def pin_index(device: Device, role: str) -> int:
    """Return the position of a pin given by role or by number from 1.

    Raises:
        KeyError: The device has no such pin.
    """
    roles = [item.lower() for item in device.roles]
    if role.lower() in roles:
        return roles.index(role.lower())
    if role.isdecimal() and 1 <= int(role) <= len(roles):
        return int(role) - 1
    raise KeyError(f"{device.name} has no pin {role!r}; its pins are {', '.join(device.roles)}")


def _with_device(circuit: Circuit, old: Device, new: Device) -> Circuit:
    return circuit.replace_devices(tuple(new if item is old else item for item in circuit.devices))


def _editable(circuit: Circuit, device: Device) -> Source:
    """Return the source a device can be edited in."""
    source = circuit.source
    if source is None or device.span.path != source.path:
        raise NetlistError(
            f"{device.name} stands in {device.span}, not in the netlist itself; edit that file"
        )
    # A path (``x1.m1``) names a copy; a name with a dot of its own is spelled so in the file.
    line = source.text.split("\n")[device.span.line - 1]
    written = line.strip().split(None, 1)[0] if line.strip() else ""
    if circuit.dialect == "spectre":
        written = unescaped(written.partition("(")[0])
    if device.name.lower() not in (written.lower(), written[2:].lower()):
        raise NetlistError(
            f"{device.name} is inside an instance, and {device.span} describes every copy of "
            "it; choose its subcircuit with --subcircuit and edit it there"
        )
    return source


def _pieces(source: Source, device: Device, dialect: str) -> Iterator[_Piece]:
    """Yield the stretches of a card's text, line by line, without marks and comments."""
    rules = DIALECTS.get(dialect, DIALECTS["ngspice"])
    at = 0
    for number, line in enumerate(source.text.split("\n"), 1):
        if number > max(device.span.end_line, device.span.line):
            return
        if number >= device.span.line:
            body = line.lstrip("\ufeff \t\r\v\f")
            start = at + len(line) - len(body)
            if dialect == "spectre":
                text = piece_of(body.rstrip("\r"))
                yield _Piece(start + max(body.find(text), 0), text)
                at += len(line) + 1
                continue
            if number > device.span.line:
                if not body.startswith("+"):
                    at += len(line) + 1
                    continue
                body, start = body[1:], start + 1
            body = without_comment(body.rstrip("\r"), rules).rstrip()
            yield _Piece(start, body)
        at += len(line) + 1


def _net_place(source: Source, device: Device, pin: int, dialect: str) -> _Piece:
    """Return where the net of a pin stands, following the nets in their order."""
    grounds = DIALECTS.get(dialect, DIALECTS["ngspice"]).gnd_is_ground
    spectre = dialect == "spectre"
    pattern = _SPECTRE_TOKEN if spectre else _TOKEN
    tokens = [
        _Piece(piece.start + found.start(), found.group())
        for piece in _pieces(source, device, dialect)
        for found in pattern.finditer(piece.text)
    ][1:]
    at = 0
    for index, net in enumerate(device.nets):
        while at < len(tokens):
            token = tokens[at]
            at += 1
            word = (unescaped(token.text) if spectre else token.text.lstrip("~")).lower()
            if word == "poly":
                at += 1  # its number is no net
            elif word == net.lower() or (net == "0" and word in grounds):
                if index == pin:
                    if spectre:
                        return token
                    tilde = len(token.text) - len(token.text.lstrip("~"))
                    return _Piece(token.start + tilde, token.text[tilde:])
                break
    raise NetlistError(f"{device.span}: the card of {device.name} does not show its nets in order")


def _assignment(
    source: Source, device: Device, name: str, value: Value, dialect: str
) -> tuple[int, int, str]:
    """Return (start, length, new text) of the edit that sets a parameter."""
    primitive = primitive_table().find(device.model) if device.model else None
    if primitive is not None:
        value = in_written_units({name: value}, primitive)[name]
    if dialect == "spectre":
        name = _spectre_name(device, name)
    text = value_text(value) if dialect != "spectre" else spectre_text(value)
    pattern = re.compile(rf"(?<![\w$.]){re.escape(name)}\s*=\s*", re.IGNORECASE)
    last = None
    for piece in _pieces(source, device, dialect):
        last = piece
        found = pattern.search(piece.text)
        if found is not None:
            rest = piece.text[found.end() :]
            if dialect == "spectre":
                following = re.search(r"\s+[A-Za-z_]\w*\s*=(?!=)", rest)
                end = following.start() if following is not None else len(rest)
                return piece.start + found.end(), end, text
            return piece.start + found.end(), _value_length(rest), text
    if last is None:
        raise NetlistError(f"{device.span}: the card of {device.name} is not in the source")
    if dialect == "spectre":
        return last.start + len(last.text), 0, f" {name}={text}"
    positional = _positional_place(source, device, name, dialect)
    if positional is not None:
        return positional.start, len(positional.text), text
    return last.start + len(last.text), 0, f" {name}={text}"


def _spectre_name(device: Device, name: str) -> str:
    """Return what Spectre calls a parameter of a device: ``r`` for the value of a resistor."""
    if name == "ac" and device.kind in ("vsource", "isource"):
        return "mag"
    primitive = PRIMITIVES.get(device.kind)
    renamed = primitive.renamed if primitive is not None else {}
    return next((theirs for theirs, ours in renamed.items() if ours == name), name)


def _value_length(rest: str) -> int:
    """Return how many characters the value at the head of a text takes."""
    try:
        _, assignments = split_card(f"x={rest}")
    except CardSyntaxError:
        assignments = []
    value = assignments[0][1] if assignments else rest.split(None, 1)[0]
    # A value with commas may have been written with blanks round them; the head is enough.
    return len(value) if rest.startswith(value) else len(rest.split(None, 1)[0])


def _positional_place(source: Source, device: Device, name: str, dialect: str) -> _Piece | None:
    """Return where a value stands that the card gives by place: ``R1 a b 1k``, ``V1 a 0 5``."""
    if name not in ("value", "dc", "gain"):
        return None
    words = [
        _Piece(piece.start + found.start(), found.group())
        for piece in _pieces(source, device, dialect)
        for found in re.finditer(r"\{[^{}]*\}|'[^']*'|[^\s,]+", piece.text)
    ]
    behind = words[1 + len(device.nets) + len(device.references) :]
    if name == "dc" and behind and behind[0].text.lower() == "dc":
        behind = behind[1:]
    if behind and (behind[0].text[0].isdigit() or behind[0].text[0] in "{'.+-"):
        return behind[0]
    return None


def _with_text(circuit: Circuit, source: Source, start: int, length: int, text: str) -> Circuit:
    edited = replace(source, text=source.text[:start] + text + source.text[start + length :])
    files = tuple(edited if item is source else item for item in circuit.files)
    return replace(circuit, source=edited, files=files)
