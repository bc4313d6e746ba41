"""The operating point of each MOS transistor: currents, conductances, margins, region."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from eda.circuit import Circuit, Scope, number

Region = Literal["off", "weak", "triode", "saturation", "reverse", "unknown"]

PARAMETERS: Final = ("id", "vgs", "vds", "vdsat", "gm", "gds")
"""What ngspice is asked for beside the threshold, as ``@device[name]``."""

SIMPLE_LEVELS: Final = 3.0
"""Models up to this level call the threshold ``von``, later ones ``vth``."""

OFF_V: Final = 0.1
"""So far below its threshold, in V, a transistor counts as off rather than in weak inversion."""

_NAME: Final = re.compile(r"@(?P<device>[^\[\]]+)\[(?P<parameter>\w+)\]$")


@dataclass(frozen=True, slots=True)
class MosOperatingPoint:
    """One transistor at rest. What the simulator did not say is NaN.

    Voltages and current are turned by ngspice so that they are positive for a conducting
    transistor of either polarity.

    Attributes:
        device: Its name.
        id_a: Drain current, in A.
        vgs_v: Gate to source, in V.
        vds_v: Drain to source, in V.
        vth_v: Threshold at this point, in V.
        vdsat_v: Drain voltage where saturation begins, in V.
        gm_s: Transconductance, in S.
        gds_s: Output conductance, in S.
        region: See `mos_region`.
    """

    device: str
    id_a: float
    vgs_v: float
    vds_v: float
    vth_v: float
    vdsat_v: float
    gm_s: float
    gds_s: float
    region: Region

    @property
    def gm_over_id(self) -> float:
        """Transconductance efficiency, in 1/V; NaN without current."""
        return self.gm_s / self.id_a if self.id_a else math.nan

    @property
    def intrinsic_gain(self) -> float:
        """``gm / gds``, in V/V; NaN without output conductance."""
        return self.gm_s / self.gds_s if self.gds_s else math.nan

    @property
    def saturation_margin_v(self) -> float:
        """``vds - vdsat``, in V: how far the drain may still come down."""
        return self.vds_v - self.vdsat_v


def mos_region(vgs_v: float, vds_v: float, vth_v: float, vdsat_v: float) -> Region:
    """Return the region a transistor works in, from voltages turned positive.

    * ``off``: ``vgs`` more than 0.1 V below the threshold;
    * ``reverse``: ``vds < 0``, drain and source have changed places;
    * ``weak``: ``vgs < vth``, weak inversion;
    * ``triode``: ``vds < vdsat``;
    * ``saturation``: all else;
    * ``unknown``: one of the values is not known (NaN).

    Example:
        >>> mos_region(0.6, 0.8, 0.4, 0.18), mos_region(0.6, 0.1, 0.4, 0.18)
        ('saturation', 'triode')
    """
    if any(math.isnan(value) for value in (vgs_v, vds_v, vth_v, vdsat_v)):
        return "unknown"
    if vgs_v < vth_v - OFF_V:
        return "off"
    if vds_v < 0:
        return "reverse"
    if vgs_v < vth_v:
        return "weak"
    return "triode" if vds_v < vdsat_v else "saturation"


def mos_operating_points(values: Mapping[str, float]) -> dict[str, MosOperatingPoint]:
    """Return the operating point of each transistor, by device name.

    Args:
        values: An operating point with names as ``@m1[gm]``; others are passed over. A device
            counts as a transistor where its ``vgs`` or ``gm`` is there.

    Example:
        >>> point = mos_operating_points({"@m1[gm]": 1e-3, "@m1[id]": 1e-4, "v(out)": 0.9})
        >>> round(point["m1"].gm_over_id), point["m1"].region
        (10, 'unknown')
    """
    devices: dict[str, dict[str, float]] = {}
    for name, value in values.items():
        found = _NAME.match(name)
        if found is not None:
            devices.setdefault(found["device"], {})[found["parameter"].lower()] = float(value)
    return {
        device: _point(device, known)
        for device, known in devices.items()
        if "vgs" in known or "gm" in known
    }


def mos_saves(circuit: Circuit) -> tuple[str, ...]:
    r"""Return what a simulation must save for `mos_operating_points` to know every transistor.

    Transistors whose model card is not in the circuit are left out. One that is a subcircuit of
    a PDK is known by the path of the transistor inside.

    Example:
        >>> from eda.spice import parse_netlist
        >>> deck = "* t\nM1 d g 0 0 n\n.model n nmos level=1\n"
        >>> mos_saves(parse_netlist(deck))[:2]
        ('@m1[id]', '@m1[vgs]')
    """
    flat = circuit.flatten()
    levels = _levels(flat)
    made: list[str] = []
    for device in flat.devices:
        if device.kind != "mosfet":
            continue
        name, level = device.name.lower(), levels.get(_base(device.model))
        inside = circuit.subcircuits.get(device.model.lower())
        if level is None and inside is not None:
            # A PDK's transistor is a subcircuit round the one that ngspice knows.
            cores = [item for item in inside.devices if item.kind == "mosfet"]
            if len(cores) != 1:
                continue
            name = f"{name}.{cores[0].name.lower()}"
            level = {**levels, **_levels(inside)}.get(_base(cores[0].model))
        if level is not None:
            threshold = "von" if level <= SIMPLE_LEVELS else "vth"
            made += [f"@{name}[{item}]" for item in (*PARAMETERS, threshold)]
    return tuple(made)


def _levels(scope: Scope) -> dict[str, float]:
    """Return the level of every model by its name, bins without their number."""
    return {
        _base(name): number(card.parameters.get("level", 1.0)) or 1.0
        for name, card in scope.models.items()
    }


def _base(model: str) -> str:
    return model.lower().split(".")[0]


def _point(device: str, known: Mapping[str, float]) -> MosOperatingPoint:
    def get(name: str) -> float:
        return known.get(name, math.nan)

    # Models of level 1 to 3 call the threshold von, and do not turn it, nor vdsat, for p-channel.
    vth = known["vth"] if "vth" in known else abs(get("von"))
    vdsat = get("vdsat") if "vth" in known else abs(get("vdsat"))
    return MosOperatingPoint(
        device=device,
        id_a=get("id"),
        vgs_v=get("vgs"),
        vds_v=get("vds"),
        vth_v=vth,
        vdsat_v=vdsat,
        gm_s=get("gm"),
        gds_s=get("gds"),
        region=mos_region(get("vgs"), get("vds"), vth, vdsat),
    )
