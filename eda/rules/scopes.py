"""The definitions of a circuit: `scopes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.circuit import Circuit, Subcircuit


def scopes(circuit: Circuit) -> Iterator[tuple[Circuit | Subcircuit, Mapping[str, Subcircuit]]]:
    """Yield the circuit and every definition in it, with the subcircuits that each can see."""
    stack: list[tuple[Circuit | Subcircuit, Mapping[str, Subcircuit]]] = [
        (circuit, circuit.subcircuits)
    ]
    while stack:
        scope, visible = stack.pop()
        yield scope, visible
        for inner in scope.subcircuits.values():
            seen = {**visible, **inner.subcircuits} if inner.subcircuits else visible
            stack.append((inner, seen))
