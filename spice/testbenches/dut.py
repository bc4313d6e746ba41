"""The device under test: one subcircuit of a file, with the models it is simulated with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from eda.circuit import Card, Circuit, Device, ModelCard, Scope, Subcircuit, Value
from eda.circuit.flatten import top_subcircuit
from eda.errors import InputError, NetlistError
from eda.spice.prune import Pruner
from eda.spice.testbenches.parts import instance

GENERIC: Final = "generic"
"""What ``models`` is set to for models of our own."""

WIDTH_M: Final = 10e-6
LENGTH_M: Final = 1e-6
"""Sizes of a transistor that has none, where the models are generic."""

_KEPT: Final = (".temp", ".option", ".options", ".opt")
_NEEDS_MODEL: Final = frozenset({"mosfet", "bipolar", "diode"})

_MOS: Final[Mapping[str, Value]] = {
    **{"level": 1.0, "kp": 250e-6, "vto": 0.45, "gamma": 0.4, "phi": 0.8, "lambda": 0.05},
    **{"tox": 4e-9, "cgso": 0.3e-9, "cgdo": 0.3e-9, "kf": 2e-28, "af": 1.0},
}
_CARDS: Final[Mapping[tuple[str, str], ModelCard]] = {
    ("mosfet", "n"): ModelCard("eda_nmos", "nmos", _MOS),
    ("mosfet", "p"): ModelCard(
        "eda_pmos", "pmos", {**_MOS, "kp": 60e-6, "vto": -0.45, "gamma": 0.5, "kf": 1e-28}
    ),
    ("bipolar", "n"): ModelCard(
        "eda_npn", "npn", {"is": 1e-16, "bf": 100.0, "vaf": 80.0, "tf": 50e-12, "cje": 50e-15}
    ),
    ("bipolar", "p"): ModelCard(
        "eda_pnp", "pnp", {"is": 1e-16, "bf": 50.0, "vaf": 60.0, "tf": 100e-12, "cje": 50e-15}
    ),
    ("diode", ""): ModelCard("eda_diode", "d", {"is": 1e-15, "rs": 10.0}),
}
"""Generic cards by kind and polarity: round numbers of our own, no process."""


@dataclass(frozen=True)
class Dut:
    """What is to be measured.

    Attributes:
        circuit: Models, subcircuits and parameters of its file, without devices.
        subcircuit: What is instantiated.
        flat: The same without hierarchy, with its ports.
        notes: What was assumed.
    """

    circuit: Circuit
    subcircuit: Subcircuit
    flat: Circuit
    notes: tuple[str, ...] = ()

    def deck(self, title: str, devices: tuple[Device, ...], *cards: str) -> Circuit:
        """Return a deck of these devices, which instantiate the subcircuit."""
        kept = (*self.circuit.cards, *(Card(text) for text in cards))
        return replace(self.circuit, title=title, devices=devices, cards=kept)


def device_under_test(
    circuit: Circuit, *, subcircuit: str | None = None, models: str | Path | None = None
) -> Dut:
    """Return the subcircuit that is to be measured.

    Args:
        circuit: A file with ``.subckt`` blocks; devices at its top level are not used.
        subcircuit: Which; None takes the only one nobody instantiates, of several the last.
        models: None for those of the file, ``generic`` for round numbers of our own in the
            place of those that are missing, or a file of model cards.

    Raises:
        NetlistError: There is no such subcircuit, or none at all; the circuit has errors.
        InputError: Models are missing.
    """
    chosen = _chosen(circuit, subcircuit)
    if models is not None and str(models) != GENERIC:
        circuit = _with_models(circuit, Path(models))
        chosen = _chosen(circuit, subcircuit or chosen.name)
    missing = _missing(circuit, chosen)
    notes: tuple[str, ...] = ()
    if missing and str(models) != GENERIC:
        names = ", ".join(sorted(missing))
        where = circuit.source.path if circuit.source else "the circuit"
        raise InputError(
            f"{where}: no model card for {names}; include the file that has them, name it with "
            "--models FILE, or take round numbers of our own with --models generic"
        )
    if missing:
        circuit, notes = _generic(circuit, missing)
        chosen = _chosen(circuit, subcircuit or chosen.name)
    kept = tuple(card for card in circuit.cards if card.text.split()[0].lower() in _KEPT)
    bare = replace(
        circuit,
        devices=(),
        cards=kept,
        control=(),
        ports=(),
        name="",
        subcircuits=_reached(circuit, chosen),
        diagnostics=tuple(item for item in circuit.diagnostics if not _settled(item.code, notes)),
    )
    # Every deck is made of this circuit, so what it does not use of a PDK is left out once.
    used = Pruner(replace(bare, devices=(instance("dut", chosen, {}),))).prune({})
    bare = replace(used, devices=())
    return Dut(bare, chosen, bare.flatten(subcircuit=chosen.name), notes)


def _chosen(circuit: Circuit, name: str | None) -> Subcircuit:
    where = circuit.source.path if circuit.source else "the circuit"
    if name is not None:
        found = circuit.subcircuits.get(name.lower())
        if found is None:
            known = ", ".join(sub.name for sub in circuit.subcircuits.values()) or "none"
            raise NetlistError(f"{where}: no subcircuit {name!r} at its top level; it has {known}")
        return found
    found = top_subcircuit(replace(circuit, devices=()))
    if found is None:
        raise NetlistError(
            f"{where}: a testbench measures a .subckt, and the file has none; put its devices "
            "between .subckt NAME PORTS and .ends"
        )
    return found


def _with_models(circuit: Circuit, path: Path) -> Circuit:
    from eda.spice.reader import parse_netlist

    if '"' in str(path) or "\n" in str(path):
        raise InputError(f"{path}: a file of models has no quote in its name; rename it")
    read = parse_netlist(
        f'* models\n.include "{path.resolve()}"\n',
        name=str(path),
        include_dirs=(path.resolve().parent,),
        strict=False,
    )
    lost = [item for item in read.diagnostics if item.code == "include"]
    if lost or not (read.models or read.subcircuits):
        why = str(lost[0]) if lost else "it has no .model card and no .subckt"
        raise InputError(f"{path}: no models can be read from it: {why}")
    known = set(read.models) | set(read.subcircuits)
    return replace(
        circuit,
        models={**read.models, **circuit.models},
        subcircuits={**read.subcircuits, **circuit.subcircuits},
        parameters={**read.parameters, **circuit.parameters},
        functions={**read.functions, **circuit.functions},
        cards=(*circuit.cards, *read.cards),
        files=(*circuit.files, *read.files),
        diagnostics=tuple(
            item
            for item in circuit.diagnostics
            if not (item.code in ("undefined_model", "pdk") and _about(item.objects, known))
        ),
    )


def _about(objects: tuple[str, ...], known: set[str]) -> bool:
    return any(name.lower() in known for name in objects) or not objects


def _settled(code: str, notes: tuple[str, ...]) -> bool:
    return bool(notes) and code in ("undefined_model", "include", "pdk")


def _missing(circuit: Circuit, top: Subcircuit) -> dict[str, tuple[str, str]]:
    """Return kind and polarity of every model that the subcircuit uses and nobody defines."""
    found: dict[str, tuple[str, str]] = {}
    for scope, device in _uses(circuit, top):
        if device.kind not in _NEEDS_MODEL or not device.model:
            continue
        name = device.model.lower()
        visible = [*scope.models, *circuit.models, *top.models]
        known = {model.split(".")[0] for model in visible} | set(visible)
        if name not in known and name not in circuit.subcircuits and name not in top.subcircuits:
            found.setdefault(device.model, (device.kind, device.polarity))
    return found


def _uses(circuit: Circuit, top: Subcircuit) -> Iterator[tuple[Scope, Device]]:
    for scope in _reached_scopes(circuit, top):
        for device in scope.devices:
            yield scope, device


def _reached_scopes(circuit: Circuit, top: Subcircuit) -> list[Subcircuit]:
    """Return a subcircuit and all that it instantiates, each once."""
    waiting, done = [top], {}
    while waiting:
        scope = waiting.pop()
        if id(scope) in done:
            continue
        done[id(scope)] = scope
        inner = {**circuit.subcircuits, **top.subcircuits, **scope.subcircuits}
        waiting += [
            inner[device.model.lower()]
            for device in scope.devices
            if device.model and device.model.lower() in inner
        ]
    return list(done.values())


def _reached(circuit: Circuit, top: Subcircuit) -> dict[str, Subcircuit]:
    reached = {id(scope) for scope in _reached_scopes(circuit, top)}
    return {name: sub for name, sub in circuit.subcircuits.items() if id(sub) in reached}


def _generic(
    circuit: Circuit, missing: Mapping[str, tuple[str, str]]
) -> tuple[Circuit, tuple[str, ...]]:
    cards: dict[str, ModelCard] = {}
    for name, (kind, polarity) in missing.items():
        card = _CARDS.get((kind, polarity if kind != "diode" else ""))
        if card is None:
            raise InputError(
                f"nothing tells whether {name} is n or p; name it so, or give --models FILE"
            )
        cards[name.lower()] = card
    bare: set[str] = set()
    subcircuits = {
        name: _replaced(sub, cards, bare, 0) for name, sub in circuit.subcircuits.items()
    }
    told = ", ".join(f"{name} as {cards[name.lower()].name}" for name in sorted(missing))
    notes = [f"generic models, round numbers of no process: {told}"]
    if bare:
        count = len(bare)
        notes.append(
            f"{count} transistors have no size and got W={WIDTH_M * 1e6:g}u L={LENGTH_M * 1e6:g}u"
        )
    models = {**circuit.models, **{card.name: card for card in cards.values()}}
    return replace(circuit, models=models, subcircuits=subcircuits), tuple(notes)


def _replaced(
    sub: Subcircuit, cards: Mapping[str, ModelCard], bare: set[str], depth: int
) -> Subcircuit:
    if depth > 100:
        raise NetlistError(f"subcircuit {sub.name} is nested deeper than 100 levels")
    return replace(
        sub,
        devices=tuple(_with_card(device, cards, bare) for device in sub.devices),
        subcircuits={
            name: _replaced(inner, cards, bare, depth + 1)
            for name, inner in sub.subcircuits.items()
        },
    )


_TAKEN: Final = {
    "mosfet": ("w", "l", "m", "ad", "as", "pd", "ps"),
    "bipolar": ("area", "m"),
    "diode": ("area", "m"),
}
_LETTERS: Final = {"mosfet": "M", "bipolar": "Q", "diode": "D"}


def _with_card(device: Device, cards: Mapping[str, ModelCard], bare: set[str]) -> Device:
    card = cards.get(device.model.lower()) if device.kind in _NEEDS_MODEL else None
    if card is None:
        return device
    known = dict(device.parameters)
    if "mult" in known:
        known.setdefault("m", known["mult"])
    made = {name: known[name] for name in _TAKEN[device.kind] if name in known}
    if device.kind == "mosfet" and not {"w", "l"} <= set(made):
        bare.add(device.name)
        made = {"w": WIDTH_M, "l": LENGTH_M, **made}
    letter = _LETTERS[device.kind]
    name = device.name if device.name[:1].upper() == letter else f"{letter}{device.name}"
    return replace(device, name=name, model=card.name, parameters=made)
