"""Reads the Image2Net corpus: netlists that a vision pipeline wrote for schematic images.

A file is one Python literal, ``{"ckt_netlist": [{"component_type", "port_connection"}, ...],
"ckt_type": ...}``. It is read with `ast.literal_eval`, which runs nothing, after a look at its
size. Amplifier symbols become black boxes with the port names of the file.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from eda.circuit import Circuit, Device
from eda.datasets.records import CorpusCircuit
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20

_MOS: Final = (("Drain", "d"), ("Gate", "g"), ("Source", "s"), ("Body", "b"))
_BJT: Final = (("Collector", "c"), ("Base", "b"), ("Emitter", "e"))
_TWO: Final = (("Pos", "p"), ("Neg", "n"))
_COMPONENTS: Final[dict[str, tuple[str, str, str, tuple[tuple[str, str], ...]]]] = {
    "NMOS": ("M", "mosfet", "n", _MOS),
    "PMOS": ("M", "mosfet", "p", _MOS),
    "NPN": ("Q", "bipolar", "n", _BJT),
    "PNP": ("Q", "bipolar", "p", _BJT),
    "Res": ("R", "resistor", "", _TWO),
    "Cap": ("C", "capacitor", "", _TWO),
    "Ind": ("L", "inductor", "", _TWO),
    "Diode": ("D", "diode", "", (("In", "a"), ("Out", "k"))),
    "Voltage": ("V", "vsource", "", (("Positive", "p"), ("Negative", "n"))),
    "Current": ("I", "isource", "", (("In", "p"), ("Out", "n"))),
}
_AMPLIFIERS: Final = ("Diso_amp", "Siso_amp", "Dido_amp")


def read_image2net(folder: Path) -> Iterator[CorpusCircuit]:
    """Yield the circuits of the folder ``image2net``, by file name.

    Raises:
        DatasetError: The folder is absent or a file in it is not of the form described.
    """
    files = sorted((folder / "net").glob("*.txt"))
    if not files:
        raise DatasetError(
            f"{folder / 'net'}: no circuits there; set EDA_DATA to the folder of the corpora, "
            "or fetch them with: eda datasets get image2net"
        )
    for path in files:
        if path.stat().st_size > MAX_BYTES:
            raise DatasetError(f"{path}: larger than {MAX_BYTES} bytes; refused")
        yield parse_image2net(path.read_text("utf-8", errors="replace"), name=path.stem)


def parse_image2net(text: str, *, name: str) -> CorpusCircuit:
    """Return the circuit that a component list describes.

    Raises:
        DatasetError: The text is not a component list.
    """
    if len(text) > MAX_BYTES or _depth(text) > MAX_DEPTH:
        raise DatasetError(f"image2net/{name}: too large or too deeply nested; refused")
    try:
        record = ast.literal_eval(text.strip())
        devices = tuple(
            _device(entry, number) for number, entry in enumerate(record["ckt_netlist"], start=1)
        )
    except (ValueError, SyntaxError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DatasetError(
            f"image2net/{name}: not a component list ({type(error).__name__}: {error}); expected "
            '{"ckt_netlist": [{"component_type": ..., "port_connection": {...}}, ...]}'
        ) from error
    return CorpusCircuit(
        name=f"image2net/{name}",
        corpus="image2net",
        circuit=Circuit(title=name, devices=devices),
        group="",
    )


def _device(entry: Any, number: int) -> Device:
    component = str(entry["component_type"])
    pins: dict[str, str] = {str(k): str(v) for k, v in entry["port_connection"].items()}
    if component in _AMPLIFIERS:
        roles = tuple(sorted(pins))
        return Device(
            name=f"X{number}",
            kind="subcircuit",
            roles=tuple(role.lower() for role in roles),
            nets=tuple(pins[role] for role in roles),
            model=component,
        )
    letter, kind, polarity, table = _COMPONENTS[component]
    present = [(role, pins[pin]) for pin, role in table if pin in pins]
    return Device(
        name=f"{letter}{number}",
        kind=kind,
        roles=tuple(role for role, _ in present),
        nets=tuple(net for _, net in present),
        polarity=polarity,
    )


def _depth(text: str) -> int:
    """Return how deeply brackets are nested, so that the parser is never asked for too much."""
    depth = deepest = 0
    for letter in text:
        if letter in "[{(":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]})":
            depth -= 1
    return deepest
