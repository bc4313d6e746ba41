"""Reads circuits of the JSON-lines corpora: AnalogGenie and the ALIGN operational amplifiers.

One record is one circuit; the fields are described in PROVENANCE.md of each corpus. Devices
become `eda.circuit.Device` objects with the kinds and pin roles of the data model, blocks of
gates become black boxes with numbered ports.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eda.circuit import Circuit, Device
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES: Final = 256 * 1024 * 1024
"""An archive that unpacks to more than this is not one of ours."""

_KINDS: Final[dict[str, tuple[str, str, tuple[tuple[str, str], ...]]]] = {
    "NM": ("mosfet", "n", (("D", "d"), ("G", "g"), ("S", "s"), ("B", "b"))),
    "PM": ("mosfet", "p", (("D", "d"), ("G", "g"), ("S", "s"), ("B", "b"))),
    "NPN": ("bipolar", "n", (("C", "c"), ("B", "b"), ("E", "e"))),
    "PNP": ("bipolar", "p", (("C", "c"), ("B", "b"), ("E", "e"))),
    "R": ("resistor", "", (("P", "p"), ("N", "n"))),
    "C": ("capacitor", "", (("P", "p"), ("N", "n"))),
    "L": ("inductor", "", (("P", "p"), ("N", "n"))),
    "DIO": ("diode", "", (("P", "a"), ("N", "k"))),
}


@dataclass(frozen=True, slots=True)
class CorpusCircuit:
    """A circuit of a corpus, with what is needed to split and to report by.

    Attributes:
        name: Unique within all corpora, as ``analoggenie/ag4``.
        corpus: Name of the corpus.
        circuit: The circuit, flat.
        group: Circuits of one group are near-duplicates and never straddle a split.
        composed: Whether the netlist was merged by a machine from blocks.
        digital: Whether it holds gates or clocked logic.
        clean: Whether it is free of known faults (nets shorted by the merging).
        category: What sort of circuit the corpus says it is, as ``Opamp``; "" where it does not.
    """

    name: str
    corpus: str
    circuit: Circuit
    group: str
    composed: bool = False
    digital: bool = False
    clean: bool = True
    category: str = ""

    @property
    def drawn(self) -> bool:
        """Whether it is an analog circuit drawn by hand."""
        return not (self.composed or self.digital) and self.corpus == "analoggenie"


def read_records(path: Path, *, corpus: str) -> Iterator[CorpusCircuit]:
    """Yield the circuits of a ``.jsonl.gz`` file, in file order.

    Raises:
        DatasetError: The file is absent, too large or not of the form described.
    """
    size = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                size += len(line)
                if size > MAX_BYTES:
                    raise DatasetError(f"{path}: unpacks to more than {MAX_BYTES} bytes; refused")
                yield _circuit(json.loads(line), corpus=corpus, where=f"{path}:{number}")
    except FileNotFoundError:
        raise DatasetError(
            f"{path}: no such file; set EDA_DATA to the folder of the corpora, "
            f"or fetch it with: eda datasets get {corpus}"
        ) from None
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DatasetError(f"{path}: not a gzipped file of JSON lines ({error})") from error


def _circuit(record: Any, *, corpus: str, where: str) -> CorpusCircuit:
    try:
        devices = [_device(entry) for entry in record["devices"]]
        devices += [_block(entry) for entry in record.get("blocks", ())]
        composed = bool(record.get("composed", corpus != "analoggenie"))
        return CorpusCircuit(
            name=f"{corpus}/{record['id']}",
            corpus=corpus,
            circuit=Circuit(
                title=str(record["id"]),
                devices=unique_names(devices),
                ports=tuple(str(port) for port in record["ports"]),
            ),
            group=str(record["wl_anybias"]),
            composed=composed,
            digital=bool(record.get("digital", False)),
            clean=not record.get("net_collision", False),
            category=str(record.get("type", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(
            f"{where}: not a circuit record ({type(error).__name__}: {error}); "
            f"the fields are described in PROVENANCE.md of {corpus}"
        ) from error


def _device(entry: Any) -> Device:
    kind, polarity, table = _KINDS[entry["kind"]]
    pins = entry["pins"]
    present = [(role, str(pins[pin])) for pin, role in table if pin in pins]
    return Device(
        name=str(entry["name"]),
        kind=kind,
        roles=tuple(role for role, _ in present),
        nets=tuple(net for _, net in present),
        polarity=polarity,
    )


def _block(entry: Any) -> Device:
    nets = tuple(str(net) for net in entry["nets"])
    return Device(
        name=str(entry["name"]),
        kind="subcircuit",
        roles=tuple(str(number) for number in range(1, len(nets) + 1)),
        nets=nets,
        model=str(entry["cell"]),
    )


def unique_names(devices: list[Device]) -> tuple[Device, ...]:
    """Number the repeated names that merging left behind, for a circuit has unique names."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    taken = {device.name.lower() for device in devices}
    result = []
    for device in devices:
        key = device.name.lower()
        count = seen.get(key, 0)
        seen[key] = count + 1
        if count:
            while f"{key}_{count}" in taken:
                count += 1
            taken.add(f"{key}_{count}")
            device = replace(device, name=f"{device.name}_{count}")
        result.append(device)
    return tuple(result)
