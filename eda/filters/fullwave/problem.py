"""The problem that openEMS is given: its XML file, and where voltages and currents are taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from eda.errors import InputError
from eda.filters.fullwave.copper import Copper, Feed
from eda.filters.fullwave.mesh import Mesh
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, MU0_H_PER_M, Substrate

EPS0_F_PER_M: Final = 1 / (MU0_H_PER_M * LIGHT_M_PER_S**2)

PLANE_SHARE: Final = 0.5
"""Where on a feed its waves are taken, from the port to the generator."""

ROUGH_SHARE: Final = 1 / 1.3**2
"""Of the conductivity: roughness and crowding raise losses by 1.3, as in the closed forms."""

_COPPER, _PORT, _BOARD = 10, 5, 0


@dataclass(frozen=True, slots=True)
class Plane:
    """Where the waves of a feed are taken.

    Attributes:
        feed: The feed.
        ohm: Its impedance, which its generator has too.
        at_mm: Three neighbouring lines of the mesh along it, towards the filter.
        across_mm: The line of the mesh nearest to its middle.
    """

    feed: Feed
    ohm: float
    at_mm: tuple[float, float, float]
    across_mm: float

    @property
    def to_port_mm(self) -> float:
        """From the middle line to the port."""
        return abs(self.feed.at_mm[self.feed.axis] - self.at_mm[1])


@dataclass(frozen=True, slots=True)
class Drive:
    """How a problem is excited and when it ends.

    Attributes:
        low_hz: Lowest frequency of interest.
        high_hz: Highest.
        steps: Most time steps.
        end_db: It ends when the energy has fallen by so much from its peak.
    """

    low_hz: float
    high_hz: float
    steps: int = 100_000
    end_db: float = 50.0


def plane_of(feed: Feed, ohm: float, mesh: Mesh) -> Plane:
    """Return where the waves of a feed are taken.

    Args:
        feed: The feed.
        ohm: Its impedance.
        mesh: The mesh it lies on.

    Raises:
        InputError: The mesh has too few lines across or along the feed.
    """
    along, across = mesh.x_mm, mesh.y_mm
    if feed.axis == 1:
        along, across = across, along
    wanted = feed.at_mm[feed.axis] + feed.sign * PLANE_SHARE * feed.length_mm
    at = int(np.abs(along - wanted).argmin())
    middle = feed.at_mm[1 - feed.axis]
    line = float(across[np.abs(across - middle).argmin()])
    lines = [float(along[at + feed.sign]), float(along[at]), float(along[at - feed.sign])]
    low, high = sorted((feed.at_mm[feed.axis], feed.end_mm))
    if (
        min(lines) < low - 1e-6
        or max(lines) > high + 1e-6
        or abs(line - middle) > feed.width_mm / 2
    ):
        raise InputError("mesh: too coarse for the feed of a port; ask for more cells")
    return Plane(feed, ohm, (lines[0], lines[1], lines[2]), line)


def problem_xml(
    copper: Copper,
    board: Substrate,
    mesh: Mesh,
    planes: tuple[Plane, Plane],
    drive: Drive,
    *,
    port: int,
) -> str:
    """Return the XML file of a simulation in which one port is driven.

    Probes are named ``u1a u1b u1c i1a i1b`` and ``u2a`` ...: volts on the three lines of a plane,
    amperes towards the filter between them.

    Args:
        copper: The filter and its feeds.
        board: What it lies on.
        mesh: The mesh.
        planes: Where waves are taken, at port 1 and at port 2.
        drive: Frequencies, and when to end.
        port: Which port is driven, 1 or 2.
    """
    middle, half = (drive.low_hz + drive.high_hz) / 2, (drive.high_hz - drive.low_hz) / 2
    top = Element("openEMS")
    setup = SubElement(
        top,
        "FDTD",
        NumberOfTimesteps=str(drive.steps),
        endCriteria=_text(10 ** (-drive.end_db / 10)),
        f_max=_text(drive.high_hz),
    )
    SubElement(setup, "Excitation", Type="0", f0=_text(middle), fc=_text(half))
    walls = {"xmin": "MUR", "xmax": "MUR", "ymin": "MUR", "ymax": "MUR"}
    SubElement(setup, "BoundaryCond", {**walls, "zmin": "PEC", "zmax": "MUR"})
    body = SubElement(top, "ContinuousStructure", CoordSystem="0")
    grid = SubElement(body, "RectilinearGrid", DeltaUnit="0.001", CoordSystem="0")
    for name, lines in (("X", mesh.x_mm), ("Y", mesh.y_mm), ("Z", mesh.z_mm)):
        SubElement(grid, f"{name}Lines").text = ",".join(map(_text, lines))
    made = SubElement(body, "Properties")
    height = 1e3 * board.height_m
    loss = 2 * math.pi * middle * EPS0_F_PER_M * board.er * board.tan_delta
    dielectric = SubElement(made, "Material", Name="board", Isotropy="1")
    SubElement(dielectric, "Property", Epsilon=_text(board.er), Kappa=_text(loss))
    outside = (mesh.x_mm[0], mesh.y_mm[0], mesh.x_mm[-1], mesh.y_mm[-1])
    _box(dielectric, outside, (0.0, height), _BOARD)
    sheet = SubElement(
        made,
        "ConductingSheet",
        Name="copper",
        Conductivity=_text(board.sigma_s_per_m * ROUGH_SHARE),
        Thickness=_text(board.thickness_m or 35e-6),
    )
    for box in copper.boxes:
        _box(sheet, box, (height, height), _COPPER)
    if copper.vias:
        post = SubElement(made, "Metal", Name="vias")
        for box in copper.vias:
            _box(post, box, (0.0, height), _COPPER)
    for number, plane in enumerate(planes, 1):
        _port(made, plane, number, height, driven=number == port)
        _probes(made, plane, number, height)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(top, encoding="unicode") + "\n"


def _port(made: Element, plane: Plane, number: int, height: float, *, driven: bool) -> None:
    """Add the resistor at the end of a feed, and the generator in it."""
    feed = plane.feed
    low, high = feed.at_mm[1 - feed.axis], feed.at_mm[1 - feed.axis]
    low, high = low - feed.width_mm / 2, high + feed.width_mm / 2
    end = feed.end_mm
    box = (end, low, end, high) if feed.axis == 0 else (low, end, high, end)
    resistor = SubElement(
        made,
        "LumpedElement",
        {"Name": f"r{number}", "Direction": "2", "Caps": "1", "R": _text(plane.ohm)},
    )
    _box(resistor, box, (0.0, height), _PORT)
    if driven:
        source = SubElement(made, "Excitation", Name=f"e{number}", Type="0", Excite="0,0,-1")
        _box(source, box, (0.0, height), _PORT)
        SubElement(source, "Weight", X="1", Y="1", Z="1")


def _probes(made: Element, plane: Plane, number: int, height: float) -> None:
    feed = plane.feed
    middle, half = feed.at_mm[1 - feed.axis], feed.width_mm / 2
    for name, at in zip("abc", plane.at_mm, strict=True):
        point = (at, plane.across_mm) if feed.axis == 0 else (plane.across_mm, at)
        probe = SubElement(made, "ProbeBox", Name=f"u{number}{name}", Type="0", Weight="-1")
        _box(probe, (*point, *point), (0.0, height), _BOARD)
    for name, at in zip("ab", _halfway(plane.at_mm), strict=True):
        box = (at, middle - half, at, middle + half)
        if feed.axis == 1:
            box = (middle - half, at, middle + half, at)
        probe = SubElement(
            made,
            "ProbeBox",
            Name=f"i{number}{name}",
            Type="1",
            Weight=str(-feed.sign),
            NormDir=str(feed.axis),
        )
        _box(probe, box, (height, height), _BOARD)


def _halfway(at_mm: tuple[float, float, float]) -> tuple[float, float]:
    a, b, c = at_mm
    return (a + b) / 2, (b + c) / 2


def _box(
    parent: Element, box: tuple[Any, Any, Any, Any], z_mm: tuple[float, float], priority: int
) -> None:
    group = parent.find("Primitives")
    if group is None:
        group = SubElement(parent, "Primitives")
    made = SubElement(group, "Box", Priority=str(priority))
    SubElement(made, "P1", X=_text(box[0]), Y=_text(box[1]), Z=_text(z_mm[0]))
    SubElement(made, "P2", X=_text(box[2]), Y=_text(box[3]), Z=_text(z_mm[1]))


def _text(value: float) -> str:
    return f"{float(value):.10g}"
