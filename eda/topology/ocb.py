"""Behavioural op-amps of the Open Circuit Benchmark: stages of transconductance, and branches.

A circuit is a main path of two or three stages, each a controlled source with 1 Mohm and 50 fF at
its output, and branches between nodes: resistor, capacitor, both in series or in parallel, or a
controlled source with one of those across it. Values are codes from 1 to 101: 0.1 Mohm, 10 fF and
0.1 mS each. There are no transistors and there is no process in it.

The benchmark's own figure of merit is its unity-gain frequency in disguise and rewards unstable
circuits; `merit` is the corrected one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.circuit import Circuit

OHM, FARAD, SIEMENS = 1e5, 1e-14, 1e-4
OUT_OHM, OUT_FARAD = 1e6, 5e-14
MOST_CODE: Final = 101
FREQUENCIES: Final = np.logspace(0, 11, 551)
"""1 Hz to 100 GHz, 50 a decade."""

INPUT, OUTPUT = "net2", "net1"
PASSIVE: Final = ("R", "C", "RC series", "RC parallel")
ACROSS: Final = ("", "C", "R", "RC parallel", "RC series")
MOST_BRANCHES: Final = 3

Element = tuple[str, tuple[str, ...], float]
"""``G out 0 in 0 siemens``, ``R a b ohm`` or ``C a b farad``: kind, nodes, value."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the main path.

    Attributes:
        sign: 1 or -1.
        code: Of its transconductance.
        across: Code of a capacitor from its input to its output; 0 for none.
    """

    sign: int
    code: int
    across: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """Something between two nodes, beside the main path.

    Attributes:
        start: Node; 0 is the input, then one for each stage.
        end: Another node.
        kind: One of ``PASSIVE``, or ``gm+``, ``gm-`` from start to end.
        across: One of ``ACROSS``, of a controlled source.
        codes: Of the transconductance, resistance and capacitance.
    """

    start: int
    end: int
    kind: str
    across: str
    codes: tuple[int, int, int]


@dataclass(frozen=True)
class OcbCircuit:
    """A behavioural op-amp."""

    stages: tuple[Stage, ...]
    branches: tuple[Branch, ...]

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Its controlled sources, resistors and capacitors."""
        nodes = [INPUT, *(f"net{at + 3}" for at in range(len(self.stages) - 1)), OUTPUT]
        made: list[Element] = []
        for at, stage in enumerate(self.stages):
            made += _source(nodes[at], nodes[at + 1], stage.sign * stage.code)
            if stage.across:
                made.append(("C", (nodes[at], nodes[at + 1]), FARAD * stage.across))
        for number, branch in enumerate(self.branches):
            first, second = nodes[branch.start], nodes[branch.end]
            gm, ohm, farad = branch.codes
            if branch.kind.startswith("gm"):
                made += _source(first, second, gm if branch.kind == "gm+" else -gm)
                made += _passive(branch.across, first, second, ohm, farad, f"mid{number}")
            else:
                made += _passive(branch.kind, first, second, ohm, farad, f"mid{number}")
        return tuple(made)

    def shape(self) -> tuple[Any, ...]:
        """Return what stays when all codes are forgotten."""
        stages = tuple((stage.sign, bool(stage.across)) for stage in self.stages)
        branches = sorted((b.start, b.end, b.kind, b.across) for b in self.branches)
        return stages, tuple(branches)


def _source(first: str, second: str, code: int) -> list[Element]:
    return [
        ("G", (second, "0", first, "0"), SIEMENS * code),
        ("R", (second, "0"), OUT_OHM),
        ("C", (second, "0"), OUT_FARAD),
    ]


def _passive(kind: str, first: str, second: str, ohm: int, farad: int, mid: str) -> list[Element]:
    if kind == "RC series":
        return [("R", (first, mid), OHM * ohm), ("C", (mid, second), FARAD * farad)]
    made: list[Element] = []
    if kind in ("R", "RC parallel"):
        made.append(("R", (first, second), OHM * ohm))
    if kind in ("C", "RC parallel"):
        made.append(("C", (first, second), FARAD * farad))
    return made


@dataclass(frozen=True, slots=True)
class OcbFigures:
    """What a behavioural op-amp does.

    Attributes:
        gain_db: At 1 Hz.
        unity_hz: Where the gain first falls through 1; NaN where it does not.
        margin_deg: 180 degrees less the phase from 1 Hz to there; NaN likewise.
        unstable: Poles in the right half plane.
        siemens: Sum of all transconductances.
    """

    gain_db: float
    unity_hz: float
    margin_deg: float
    unstable: int
    siemens: float


def analyse(elements: Sequence[Element]) -> OcbFigures:
    """Return the figures of a circuit by nodal analysis.

    Example:
        >>> two = OcbCircuit((Stage(1, 10), Stage(-1, 10)), ())
        >>> round(analyse(two.elements).gain_db, 1)
        120.0
    """
    nodes = sorted({net for _, nets, _ in elements for net in nets} - {"0", INPUT})
    number = {net: at for at, net in enumerate(nodes)}
    size = len(nodes)
    conduct, store = np.zeros((size, size)), np.zeros((size, size))
    drive, push = np.zeros(size), np.zeros(size)
    siemens = 0.0
    for kind, nets, value in elements:
        if kind == "G":
            siemens += abs(value)
            _stamp_source(conduct, drive, number, nets, value)
        else:
            matrix, vector = (conduct, drive) if kind == "R" else (store, push)
            _stamp(matrix, vector, number, nets, 1 / value if kind == "R" else value)
    omega = 2j * math.pi * FREQUENCIES[:, None, None]
    right = drive + omega[:, :, 0] * push
    solved = np.linalg.solve(conduct + omega * store, right[..., None])[..., 0]
    response = solved[:, number[OUTPUT]]
    level = np.abs(response)
    below = np.flatnonzero((level[:-1] >= 1) & (level[1:] < 1))
    unity = margin = math.nan
    if len(below):
        at = int(below[0])
        high, low = math.log(level[at]), math.log(level[at + 1])
        part = high / (high - low) if high > low else 0.0
        phase = np.unwrap(np.angle(response))
        unity = float(FREQUENCIES[at] * (FREQUENCIES[at + 1] / FREQUENCIES[at]) ** part)
        lag = phase[at] + part * (phase[at + 1] - phase[at]) - phase[0]
        margin = 180.0 + math.degrees(lag)
    gain = 20 * math.log10(max(float(level[0]), 1e-30))
    return OcbFigures(gain, unity, margin, _unstable(conduct, store), siemens)


def _stamp(
    matrix: NDArray[np.float64],
    vector: NDArray[np.float64],
    number: dict[str, int],
    nets: tuple[str, ...],
    value: float,
) -> None:
    for one, other in (nets, nets[::-1]):
        if one in number:
            matrix[number[one], number[one]] += value
            if other in number:
                matrix[number[one], number[other]] -= value
            elif other == INPUT:
                vector[number[one]] += value


def _stamp_source(
    matrix: NDArray[np.float64],
    vector: NDArray[np.float64],
    number: dict[str, int],
    nets: tuple[str, ...],
    value: float,
) -> None:
    plus, minus, sense, other = nets
    for net, sign in ((plus, 1.0), (minus, -1.0)):
        if net not in number:
            continue
        for probe, way in ((sense, 1.0), (other, -1.0)):
            if probe in number:
                matrix[number[net], number[probe]] += sign * way * value
            elif probe == INPUT:
                vector[number[net]] -= sign * way * value


def _unstable(conduct: NDArray[np.float64], store: NDArray[np.float64]) -> int:
    from scipy.linalg import eig

    # Scaled, so that conductances and capacitances are of one size.
    poles = eig(-conduct * 1e3, store * 1e12, right=False)
    real = poles[np.isfinite(poles)].real
    return int((real > 1e-9 * max(float(np.abs(real).max(initial=0.0)), 1e-30)).sum())


def merit(figures: OcbFigures) -> float:
    """Return the corrected figure of merit, in Hz/S.

    It is 0 for a circuit that is unstable, has less than 40 dB, or a phase margin outside 45 to 120
    degrees; else its unity-gain frequency over its transconductance.
    """
    if figures.unstable or figures.gain_db < 40 or not 45 <= figures.margin_deg <= 120:
        return 0.0
    return figures.unity_hz / figures.siemens if figures.siemens else 0.0


def plain_merit(figures: OcbFigures) -> float:
    """Return the benchmark's own figure: 1.2 |gain| + 1.6 pm + 10 bw, in its units.

    Gain in 100 dB, phase in -90 degrees, bandwidth in GHz.
    """
    phase = (figures.margin_deg - 180.0) / -90.0
    unity = figures.unity_hz / 1e9
    if math.isnan(unity):
        return 1.2 * abs(figures.gain_db) / 100
    return 1.2 * abs(figures.gain_db) / 100 + 1.6 * phase + 10 * unity


def deck(circuit: OcbCircuit) -> Circuit:
    """Return a circuit for ngspice, driven by 1 V of AC."""
    from eda.circuit import Circuit, Device

    made = [Device("Vin", "vsource", ("p", "n"), (INPUT, "0"), "", {"dc": 0.0, "ac": 1.0})]
    for at, (kind, nets, value) in enumerate(circuit.elements):
        name = f"{kind}{at + 1}"
        if kind == "G":
            # Current flows through the source from its first to its second node.
            roles = ("p", "n", "cp", "cn")
            made.append(Device(name, "vccs", roles, nets, "", {"gain": value}))
        else:
            sort = "resistor" if kind == "R" else "capacitor"
            made.append(Device(name, sort, ("p", "n"), nets, "", {"value": value}))
    return Circuit(title="behavioural op-amp", devices=tuple(made))
