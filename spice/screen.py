"""What of a deck must not be run: errors, missing files, and devices that could do harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from eda.circuit import Circuit, Device, ModelCard, Scope
from eda.spice.job import NotRun
from eda.spice.simulation import Status

_PROGRAMS: Final = frozenset({"d_process", "d_cosim"})
"""Code models that run a program or load a library."""

_FILE_KEYS: Final = frozenset({"simulation", "lib_args", "sim_args", "table", "fname"})


def fault(circuit: Circuit) -> NotRun | None:
    """Return why a circuit cannot be simulated at all."""
    includes = [item for item in circuit.diagnostics if item.code == "include"]
    if any("outside the deck's folder" in item.message for item in includes):
        return NotRun(Status.REFUSED, "\n".join(map(str, includes)))
    if includes:
        return NotRun(Status.MISSING_MODEL, "\n".join(map(str, includes)))
    errors = circuit.errors
    undefined = ("undefined_reference", "undefined_model")
    missing = [item for item in circuit.diagnostics if item.code == "undefined_reference"]
    missing += [item for item in errors if item.code == "undefined_model"]
    others = [item for item in errors if item.code not in undefined]
    if others:
        return NotRun(Status.REFUSED, "\n".join(map(str, others[:20])))
    if missing:
        return NotRun(Status.MISSING_MODEL, "\n".join(map(str, missing[:20])))
    if circuit.ports or circuit.name or not circuit.devices:
        return NotRun(
            Status.REFUSED,
            "there is no device at the top level of the deck; instantiate the subcircuit and "
            "give it sources",
        )
    return None


def harm(circuit: Circuit) -> NotRun | None:
    """Return what in the devices themselves could do harm."""
    for card in _models(circuit):
        if card.kind in _PROGRAMS:
            why = f"the model {card.name} is a {card.kind}, which runs programs"
            return NotRun(Status.REFUSED, f"refused: {why}; use --trust-deck if you trust it")
        mesh = card.parameters.get("mesh")
        if isinstance(mesh, str) and re.search(r"^\s*output\b.*\broot", mesh, re.I | re.M):
            why = f"the model {card.name} writes files"
            return NotRun(Status.REFUSED, f"refused: {why}; use --trust-deck if you trust it")
    for name, value in file_values(circuit):
        path = Path(value.strip('"').replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or value.startswith("~"):
            why = f"{name} reads {value}, which is outside the deck's folder"
            return NotRun(Status.REFUSED, f"refused: {why}; use --trust-deck if you trust it")
    return None


def _scopes(scope: Scope) -> Iterator[Scope]:
    yield scope
    for inner in scope.subcircuits.values():
        yield from _scopes(inner)


def _models(circuit: Circuit) -> Iterator[ModelCard]:
    for scope in _scopes(circuit):
        yield from scope.models.values()


def file_values(circuit: Circuit) -> Iterator[tuple[str, str]]:
    """Yield the model or device and the text of every parameter that names a file."""
    for scope in _scopes(circuit):
        items: list[ModelCard | Device] = [*scope.models.values(), *scope.devices]
        for item in items:
            for key, value in item.parameters.items():
                if isinstance(value, str) and ("file" in key or key in _FILE_KEYS):
                    yield item.name, value


def deck_folder(circuit: Circuit) -> str:
    """Return the folder of the deck's file; empty for text without one."""
    if circuit.source is None or circuit.source.path.startswith("<"):
        return ""
    return str(Path(circuit.source.path).resolve().parent)
