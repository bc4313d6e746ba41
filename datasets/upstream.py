"""Reads AnalogGenie as it was published: a folder per circuit, a netlist in each.

A line is ``NAME (NETS) MODEL``; models are device names of a schematic library. What the
prepared corpus knows beyond that (shorted nets, near-duplicates) is not in these files.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from eda.circuit import Circuit, Device
from eda.datasets.records import CorpusCircuit, unique_names
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES: Final = 1_000_000

_LINE: Final = re.compile(r"\s*(?P<name>\S+)\s*\((?P<nets>[^()]*)\)\s*(?P<model>\S+)")
_MOS: Final = ("d", "g", "s", "b")
_TWO: Final = ("p", "n")
_MODELS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "nmos4": ("mosfet", "n", _MOS),
    "pmos4": ("mosfet", "p", _MOS),
    "nmos": ("mosfet", "n", _MOS[:3]),
    "pmos": ("mosfet", "p", _MOS[:3]),
    "npn": ("bipolar", "n", ("c", "b", "e")),
    "pnp": ("bipolar", "p", ("c", "b", "e")),
    "resistor": ("resistor", "", _TWO),
    "capacitor": ("capacitor", "", _TWO),
    "inductor": ("inductor", "", _TWO),
    "diode": ("diode", "", ("a", "k")),
}
_PORT: Final = re.compile(
    r"(VDD|VSS|[VI]IN\d*|[VI]OUT\d*|[VI]B\d*|[VI]REF\d*|VCLK\d*|VCONT\d*|VCM\d*|VLO\d*|VRF\d*|VIF\d*|"
    r"VBB\d*|LOGIC\w+|VLATCH\d*|VTRACK\d*|VHOLD\d*)"
)
_CLOCKED: Final = re.compile(r"VCLK|LOGIC|VLATCH|VTRACK|VHOLD")


def read_analoggenie(folder: Path) -> Iterator[CorpusCircuit]:
    """Yield the circuits under ``Dataset``, by number.

    Raises:
        DatasetError: The folder is absent or a file in it is no such netlist.
    """
    files = [path for path in (folder / "Dataset").glob("*/*.cir") if path.stem == path.parent.name]
    if not files:
        raise DatasetError(f"{folder / 'Dataset'}: no netlists there (a folder per circuit)")
    for path in sorted(files, key=lambda item: (len(item.stem), item.stem)):
        if path.stat().st_size > MAX_BYTES:
            raise DatasetError(f"{path}: larger than {MAX_BYTES} bytes; refused")
        yield parse_analoggenie(path.read_text("utf-8", errors="replace"), name=path.stem)


def parse_analoggenie(text: str, *, name: str) -> CorpusCircuit:
    """Return the circuit of one netlist; lines that are no device are left out.

    Example:
        >>> read = parse_analoggenie("M0 (VOUT1 VIN1 VSS VSS) nmos4", name="7")
        >>> read.circuit.devices[0].pins[1], read.circuit.ports
        (('g', 'VIN1'), ('VOUT1', 'VIN1', 'VSS'))
    """
    devices: list[Device] = []
    digital = False
    for match in filter(None, map(_LINE.match, text.splitlines())):
        nets = tuple(match["nets"].split())
        known = _MODELS.get(match["model"].lower())
        if known is not None and len(nets) in (len(known[2]), len(known[2]) + 1):
            kind, polarity, roles = known
            # A fourth net of a bipolar is its substrate, which the prepared corpus drops.
            used = nets[: len(roles)]
            devices.append(Device(match["name"], kind, roles, used, polarity=polarity))
        else:
            digital = True
            roles = tuple(str(number) for number in range(1, len(nets) + 1))
            devices.append(Device(match["name"], "subcircuit", roles, nets, match["model"]))
    nets_used = dict.fromkeys(net for device in devices for net in device.nets)
    ports = tuple(net for net in nets_used if _PORT.fullmatch(net))
    repeated = Counter(device.name.lower() for device in devices)
    return CorpusCircuit(
        name=f"analoggenie/ag{name}",
        corpus="analoggenie",
        circuit=Circuit(title=f"ag{name}", devices=unique_names(devices), ports=ports),
        group="",
        composed=max(repeated.values(), default=0) > 1,
        digital=digital or any(_CLOCKED.match(port) for port in ports),
    )
