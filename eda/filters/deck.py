"""``filter.cir``: a deck that stands alone, its two ports, its parts, and their losses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from eda.filters.network import GROUND, INPUT, OUTPUT, Topology
from eda.filters.spec import FilterSpec, LumpedLimits

if TYPE_CHECKING:
    from eda.filters.library import LibraryPart

_SUFFIXES: Final = {
    -15: "f",
    -12: "p",
    -9: "n",
    -6: "u",
    -3: "m",
    0: "",
    3: "k",
    6: "meg",
    9: "g",
}


def value_text(value: float) -> str:
    """Return a value as SPICE writes it, exactly.

    Example:
        >>> value_text(8.2e-9), value_text(4700.0), value_text(1e-3), value_text(2.15e-13)
        ('8.2n', '4.7k', '1m', '215f')
    """
    power = 3 * math.floor(math.log10(value) / 3 + 1e-12)
    power = min(max(power, -15), 9)
    text = f"{value / 10.0**power:.9g}"
    return text + _SUFFIXES[power]


def write_deck(
    spec: FilterSpec,
    topology: Topology,
    values: Sequence[float],
    *,
    title: str = "",
    measured: Mapping[str, LibraryPart] | None = None,
) -> str:
    """Return the deck of a design.

    Args:
        spec: Ports, losses, op-amp.
        topology: The circuit.
        values: Of its parts, in SI units.
        title: Its first line; by default the specification's title.
        measured: The library's part behind each part, by name: an instance of its subcircuit
            stands for it.

    Example:
        >>> from eda.filters.terse import terse_spec
        >>> from eda.filters.words import ladder
        >>> spec = terse_spec(lowpass="1MHz", stop="4MHz:30dB")
        >>> print(write_deck(spec, ladder("L"), [8.2e-6]).splitlines()[3])
        L1 n_in q_l1 8.2u
    """
    lines = [
        _title(title or spec.title or spec.id),
        f"V1 n_in 0 dc 0 ac 1 portnum 1 z0 {spec.zs_ohm:.12g}",
        f"V2 n_out 0 dc 0 ac 0 portnum 2 z0 {spec.zl_ohm:.12g}",
    ]
    names = _names(topology)
    for part, value in zip(topology.parts, values, strict=True):
        a, b = names[part.a], names[part.b]
        text = value_text(value)
        if measured is not None:
            lines.append(f"X{part.name} {a} {b} {measured[part.name].subcircuit}")
            continue
        if part.kind == "resistor":
            lines.append(f"{part.name} {a} {b} {text}")
            continue
        inner = f"q_{part.name.lower()}"
        loss = _loss(spec.limits, part.kind, text) if isinstance(spec.limits, LumpedLimits) else ""
        lines.append(f"{part.name} {a} {inner if loss else b} {text}")
        if loss:
            lines.append(f"RQ_{part.name} {inner} {b} r='{loss}'")
    for at, opamp in enumerate(topology.opamps, 1):
        pins = " ".join(names[node] for node in (opamp.plus, opamp.minus, opamp.out))
        lines.append(f"XU{at} {pins} opamp")
    if topology.opamps:
        lines += _opamp(spec)
    for used in {part.subcircuit: part for part in (measured or {}).values()}.values():
        lines += used.cards()
    return "\n".join([*lines, ".end"]) + "\n"


def _title(text: str) -> str:
    plain = "".join(char if char.isprintable() and ord(char) < 128 else " " for char in text)
    # A title that looks like a card would still be a title; a reader should not stumble.
    return f"* {' '.join(plain.split())}"[:120]


def _names(topology: Topology) -> dict[int, str]:
    fixed = {GROUND: "0", INPUT: "n_in", OUTPUT: "n_out"}
    return {node: fixed.get(node, f"n{node - OUTPUT}") for node in range(topology.nodes)}


def _loss(limits: LumpedLimits, kind: str, value: str) -> str:
    if kind == "capacitor":
        return f"1/(2*pi*(hertz+1e-3)*{value}*{limits.capacitor_q:.12g})"
    q, most = limits.q_at_ref, 1.5 * limits.q_at_ref
    law = f"min({q:.12g}*sqrt(hertz/{limits.f_ref_hz:.12g}),{most:.12g})"
    return f"1e-9+2*pi*hertz*{value}/(1e-9+{law})"


def _opamp(spec: FilterSpec) -> list[str]:
    opamp = spec.active.opamp
    # One pole: 1 kohm, and the capacitor that puts it at gbw/a0.
    capacitor = 1 / (2 * math.pi * 1e3 * opamp.pole_hz)
    return [
        "* gain a0, one pole at gbw/a0, output resistance",
        ".subckt opamp in_plus in_minus out",
        f"E1 a 0 in_plus in_minus {opamp.a0:.12g}",
        "R1 a b 1k",
        f"C1 b 0 {capacitor:.12g}",
        "E2 c 0 b 0 1",
        f"R2 c out {max(opamp.rout_ohm, 1e-3):.12g}",
        ".ends opamp",
    ]
