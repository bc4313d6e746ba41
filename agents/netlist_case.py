"""A case made of a bare netlist: what of it can be sized, tied as it must be matched.

The user's file is kept as it is, in the case's deck too: only the values that are sized become
parameters there. The answer is the file again with numbers in their place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.circuit import Circuit, Device, Expression, number
from eda.errors import InputError
from eda.spice import case_fields as read
from eda.spice.case_fields import Place
from eda.spice.case_reader import read_case
from eda.spice.edit import with_parameters
from eda.spice.reader import read_netlist
from eda.structures import find_structures

if TYPE_CHECKING:
    from eda.spice.case import Case

FIELD: Final = "netlist"
"""Where case.json says which values of the file each parameter stands for."""

_WORDS: Final = re.compile(r"\W+", re.ASCII)

_WIDEST_M: Final = 1e-4
"""No width goes beyond this but for those that do already: models end about there."""

_WIDER: Final = 20.0
"""How far from its value a size may go, either way."""


@dataclass(frozen=True)
class Sizable:
    """A parameter, and the values of the netlist it stands for.

    Attributes:
        name: Of the parameter, as ``w_m1``.
        kind: As in a case: ``width length cap res current integer``.
        places: (device, parameter) pairs; all get the same value.
        value: What stands there now, in SI.
        lo: Smallest value.
        hi: Largest value.
    """

    name: str
    kind: str
    places: tuple[tuple[str, str], ...]
    value: float
    lo: float
    hi: float


def sizable(
    flat: Circuit, written: Mapping[tuple[str, str], str] | None = None
) -> tuple[Sizable, ...]:
    r"""Return what of a flat circuit can be sized: W, L, m, R, C and bias currents.

    Devices that are matched share their size; those of a current mirror share their length.
    Values that are written as expressions are left alone, but where they are no more than the
    name of a ``.param`` with a number: then that is sized, wherever it is used.

    Args:
        flat: The circuit.
        written: Texts of the values that the file writes as expressions, by device and parameter
            (lower case).

    Example:
        >>> from eda.spice import parse_netlist
        >>> pair = "* p\n.subckt p a b x y t\nM1 x a t 0 n W=2u L=1u\nM2 y b t 0 n W=2u L=1u\n"
        >>> [item.name for item in sizable(parse_netlist(pair + ".ends\n").flatten())]
        ['w_m1', 'l_m1']
    """
    devices = {device.name.lower(): device for device in flat.devices}
    sets = find_structures(flat).matched_sets
    equal = _groups([m.devices for m in sets if m.kind == "equal"], devices)
    alike = _groups([m.devices for m in sets], devices)
    lengths = [
        value
        for device in devices.values()
        if device.kind == "mosfet" and (value := _plain(device, "l")) is not None
    ]
    shortest = min(lengths, default=1e-7)
    texts = written or {}
    made: list[Sizable] = []
    seen: set[tuple[str, str]] = set(texts)
    for (name, key), word in texts.items():
        kinds = {k: kind for k, kind, _ in _KEYS.get(devices[name].kind, ())}
        value = _plain(devices[name], key)
        known = any(item.name == word for item in made)
        if key in kinds and word and value is not None and value > 0 and not known:
            made.append(Sizable(word, kinds[key], (), value, *_range(kinds[key], value, shortest)))
    for name, device in devices.items():
        for key, kind, groups in _KEYS.get(device.kind, ()):
            value = _plain(device, key)
            if value is None or (name, key) in seen or not value > 0:
                continue
            if key == "m" and value < 2:
                continue
            members = (equal if groups == "equal" else alike).get(name, (name,))
            tied = [n for n in members if _same(_plain(devices[n], key), value, key)]
            if name not in tied:
                tied = [name]
            seen |= {(n, key) for n in tied}
            lo, hi = _range(kind, value, shortest)
            first = _WORDS.sub("_", name).strip("_")
            word = f"{_LETTERS[kind] if key != 'm' else 'm'}_{first}"
            places = tuple((devices[n].name, key) for n in tied)
            made.append(Sizable(word, kind, places, value, lo, hi))
    return tuple(made)


_KEYS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "mosfet": (("w", "width", "equal"), ("l", "length", "alike"), ("m", "integer", "equal")),
    "resistor": (("value", "res", "equal"),),
    "capacitor": (("value", "cap", "equal"),),
    "isource": (("dc", "current", "equal"),),
}
_LETTERS: Final = {"width": "w", "length": "l", "integer": "m", "res": "r", "cap": "c"} | {
    "current": "i"
}


def _same(other: float | None, value: float, key: str) -> bool:
    """Return whether a matched device has the same value, which a mirror's length must not."""
    return other is not None and (key == "l" or math.isclose(other, value, rel_tol=1e-6))


def _range(kind: str, value: float, shortest: float) -> tuple[float, float]:
    if kind == "integer":
        return 1.0, float(max(4 * round(value), 8))
    if kind == "length":
        return min(float(f"{shortest:.6g}"), value), float(f"{max(10 * shortest, 2 * value):.6g}")
    low = value / _WIDER
    high = value * _WIDER
    if kind == "width":
        low, high = max(low, min(2 * shortest, value)), min(high, max(_WIDEST_M, 2 * value))
    # Four digits read well, but rounding must not leave the value itself outside.
    return min(float(f"{low:.4g}"), value), max(float(f"{high:.4g}"), value)


def _plain(device: Device, key: str) -> float | None:
    """Return a value that is written as a number."""
    value = device.parameters.get(key)
    return None if isinstance(value, Expression) else number(value)


def _groups(
    sets: Sequence[Sequence[str]], devices: Mapping[str, Device]
) -> dict[str, tuple[str, ...]]:
    """Return the members of each device's group; sets that share a device are one group."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            name = parent[name]
        return name

    for names in sets:
        lower = [name.lower() for name in names if name.lower() in devices]
        for name in lower[1:]:
            parent[root(name)] = root(lower[0])
    made: dict[str, list[str]] = {}
    for name in devices:
        if name in parent:
            made.setdefault(root(name), []).append(name)
    return {name: tuple(group) for group in made.values() for name in group}


def netlist_case(
    path: Path,
    kind: str,
    folder: Path,
    *,
    supply_v: float | None = None,
    common_v: float | None = None,
    load_f: float | None = None,
    ports: Mapping[str, str] | None = None,
    bias: Mapping[str, str | float] | None = None,
    models: str | None = None,
    include_dirs: Sequence[Path] = (),
    subcircuit: str | None = None,
) -> Case:
    """Write a case round a bare netlist, and return it.

    Args:
        path: The netlist: a file with a ``.subckt``.
        kind: What it is: ``opamp``.
        folder: Where the case is written.
        supply_v: As for `testbench`, like what follows.
        common_v: Common mode of the inputs.
        load_f: Load capacitance.
        ports: Ports by role.
        bias: Values of bias ports.
        models: A file with model cards, or ``generic``.
        include_dirs: Folders that may be included from.
        subcircuit: Which subcircuit; None for the one nobody instantiates.

    Raises:
        InputError: The kind is none that can be sized, nothing in the netlist can, a role or a
            model is missing.
        NetlistError: The netlist is malformed.
    """
    if kind != "opamp":
        raise InputError(
            f"--testbench {kind}: a bare netlist is sized as opamp; write a case for others"
        )
    from eda.agents.netlist_bench import opamp_case

    circuit = read_netlist(path, include_dirs=include_dirs, strict=False)
    if circuit.source is None or circuit.dialect == "spectre":
        raise InputError(f"{path}: only SPICE netlists are sized in place; convert it first")
    made = opamp_case(
        circuit,
        supply_v=supply_v,
        common_v=common_v,
        load_f=load_f,
        ports=ports or {},
        bias=bias or {},
        models=models,
        subcircuit=subcircuit,
    )
    flat = circuit.flatten(subcircuit=made.subcircuit)
    sizes = sizable(flat, _written(circuit, made.subcircuit))
    if not sizes and not made.currents:
        raise InputError(f"{path}: {made.subcircuit} has no size that is written as a number")
    edited = flat
    for item in sizes:
        for device, key in item.places:
            edited = with_parameters(edited, device, {key: Expression(item.name)})
    source = edited.source
    assert source is not None  # checked above
    folder.mkdir(parents=True, exist_ok=True)
    all_sizes = (*sizes, *made.currents)
    (folder / "deck.cir").write_text(
        _deck(path, source.text, made.bench, all_sizes, made.fixed), encoding="utf-8"
    )
    given = _object(path, made, all_sizes, sizes)
    (folder / "case.json").write_text(json.dumps(given, indent=1) + "\n", encoding="utf-8")
    return read_case(folder, include_dirs=(path.resolve().parent, *include_dirs, *made.folders))


def sized_netlist(path: Path, case: Case, design: Mapping[str, float]) -> str:
    """Return the user's own file with the sizes of a design, and nothing else changed.

    Raises:
        InputError: The case was not made of a netlist.
    """
    place = Place(str(case.folder / "case.json"))
    given = read.an_object(read.read_json(case.folder / "case.json"), place)
    if FIELD not in given:
        raise InputError(f"{place} was not made of a netlist")
    item = read.an_object(given[FIELD], place / FIELD)
    circuit = read_netlist(path, include_dirs=case.include_dirs, strict=False)
    edited = circuit.flatten(subcircuit=str(item["subcircuit"]))
    own = [name for name, places in read.an_object(item["values"], place).items() if not places]
    for name, places in read.an_object(item["values"], place / FIELD).items():
        for device, key in places:
            edited = with_parameters(edited, str(device), {str(key): float(design[name])})
    text = "" if edited.source is None else edited.source.text
    for name in own:
        text = _with_param(text, name, float(design[name]))
    return text


def _written(circuit: Circuit, subcircuit: str) -> dict[tuple[str, str], str]:
    """Return what the file writes as expressions: the name of a parameter, or nothing for others.

    A parameter counts where it stands once as a plain number on a ``.param`` line of the file.
    """
    source = circuit.source
    lines = [] if source is None else source.text.splitlines()
    made = {}
    for device in circuit.subcircuits[subcircuit.lower()].devices:
        for key, value in device.parameters.items():
            if isinstance(value, Expression):
                word = value.text.strip().lower()
                plain = number(circuit.parameters.get(word)) is not None
                once = len(_places(lines, word)) == 1 if plain else False
                made[device.name.lower(), key] = word if once else ""
    return made


def _places(lines: Sequence[str], name: str) -> list[tuple[int, int, int]]:
    """Return line, start and end of the numbers that ``.param`` lines give a name."""
    pattern = re.compile(
        rf"(?<![\w.]){re.escape(name)}\s*=\s*([-+]?[\d.][\w.+-]*)(?=\s|$)", re.IGNORECASE
    )
    return [
        (at, *found.span(1))
        for at, line in enumerate(lines)
        if re.match(r"\s*\.param\b", line, re.IGNORECASE)
        for found in pattern.finditer(line)
    ]


def _with_param(text: str, name: str, value: float) -> str:
    """Return a file with the number of a ``.param`` changed."""
    lines = text.split("\n")
    for at, start, end in _places(lines, name):
        lines[at] = f"{lines[at][:start]}{value:.9g}{lines[at][end:]}"
    return "\n".join(lines)


def _deck(
    path: Path, text: str, bench: str, sizes: Sequence[Sizable], fixed: Mapping[str, float]
) -> str:
    """Return the deck: the file, the parameters, the test bench."""
    kept = []
    for line in text.splitlines()[1:] if not text.lstrip().startswith(".") else text.splitlines():
        word = line.strip().split(None, 1)[0].lower() if line.strip() else ""
        if word == ".end":
            break
        if word in (".temp", ".op", ".ac", ".dc", ".tran", ".noise", ".meas", ".measure"):
            continue
        found = re.match(r"(\s*\.(?:inc|include|lib)\s+)([\"']?)([^\"'\s]+)\2(.*)", line, re.I)
        if found and not Path(found[3]).is_absolute() and not found[3].startswith("$"):
            there = (path.resolve().parent / found[3]).resolve()
            if there.exists():
                line = f'{found[1]}"{there}"{found[4]}'
        kept.append(line)
    named = [item for item in sizes if not _places(kept, item.name)]
    parameters = " ".join(f"{item.name}={item.value!r}" for item in named)
    constants = " ".join(f"{name}={value!r}" for name, value in fixed.items())
    return "\n".join(
        [
            f"* {path.name} to be sized: eda size --testbench opamp",
            *([f".param {parameters}"] if named else []),
            f".param {constants}",
            *kept,
            bench,
            ".temp 27",
            ".end",
            "",
        ]
    )


def _object(
    path: Path, made: Any, sizes: Sequence[Sizable], in_file: Sequence[Sizable]
) -> dict[str, Any]:
    vdd = made.fixed["vdd"]
    return {
        "name": path.stem.lower(),
        "description": f"{made.subcircuit} of {path.name}, as an op-amp",
        "technology": made.technology,
        "design_parameters": {
            item.name: {
                "lo": item.lo,
                "hi": item.hi,
                "nominal": item.value,
                "scale": "lin" if item.kind == "integer" else "log",
                "kind": item.kind,
            }
            for item in sizes
        },
        "fixed_parameters": dict(made.fixed),
        **made.metrics,
        "corners": {
            "temperature_c": [-40, 27, 125],
            "supply_v": [float(f"{vdd * part:.6g}") for part in (0.9, 1.0, 1.1)],
        },
        "specs": {},
        FIELD: {
            "file": str(path.resolve()),
            "subcircuit": made.subcircuit,
            "values": {item.name: [list(place) for place in item.places] for item in in_file},
        },
    }
