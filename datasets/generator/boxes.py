"""Black boxes: parts of a library, and a behaviour for each that is good for a first solution.

The behaviours are ours and simple: an amplifier is a gain with an output resistance, a
regulator a voltage source, and anything else resistors to ground. They serve the operating
point only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.datasets.generator.sheet import Part

_PLUS: Final = ("inp", "in+", "plus")
_MINUS: Final = ("inn", "in-", "minus")


def box_definitions(parts: Sequence[Part]) -> list[str]:
    """Return a ``.subckt`` for every black box among the parts."""
    lines: list[str] = []
    seen: set[str] = set()
    for part in parts:
        if part.kind != "subcircuit" or part.model in seen:
            continue
        seen.add(part.model)
        lines += _definition(part.model, part.roles)
    return lines


def _definition(model: str, roles: tuple[str, ...]) -> list[str]:
    nodes = {role: f"n{at}" for at, role in enumerate(roles)}
    lines = [f".subckt {model} {' '.join(nodes.values())}"]
    plus = next((nodes[role] for role in _PLUS if role in nodes), None)
    minus = next((nodes[role] for role in _MINUS if role in nodes), None)
    driven: set[str] = set()
    outs = [role for role in roles if role.startswith("out")]
    if plus and minus and outs:
        for role, ends in zip(outs, ((plus, minus), (minus, plus)), strict=False):
            driven.add(role)
            lines.append(f"e{role} i{role} 0 {ends[0]} {ends[1]} 2000")
            lines.append(f"ro{role} i{role} {nodes[role]} 50")
    elif "out" in nodes and ("gnd" in nodes or "adj" in nodes):
        foot = nodes.get("gnd", nodes.get("adj", "0"))
        volts = 5 if "gnd" in nodes else 1.25
        driven.add("out")
        lines += [f"vo io {foot} {volts}", f"ro io {nodes['out']} 0.1"]
    for role, node in nodes.items():
        if role not in driven:
            lines.append(f"r{node} {node} 0 1meg")
    lines.append(f".ends {model}")
    return lines
