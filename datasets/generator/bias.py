"""Bias networks: what makes the gate voltages of current sources and of cascodes.

A `Bias` hands out four lines on demand: ``n`` and ``p`` drive the gates of current sources,
``ncas`` and ``pcas`` those of the cascodes on top of them. Each line is a port, or it is made
by one of several networks from a reference current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.generator.sheet import OTHER, THRESHOLD_V, Polarity, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCES: Final = ("port", "sink", "resistor", "stack", "beta", "vth", "jfetless", "follower")


class Bias:
    """The bias lines of one circuit."""

    def __init__(self, sheet: Sheet, reference: str | None = None) -> None:
        """Choose a reference, unless it is given."""
        self.sheet = sheet
        self.reference = reference or sheet.pick(*REFERENCES, weights=(3, 4, 2, 1, 2, 1, 1, 1))
        self.share_ports = 0.15 if self.reference != "port" else 1.0
        self.cascoded = sheet.chance(0.25)
        self._lines: dict[str, str] = {}

    def gate(self, polarity: Polarity) -> str:
        """Return the gate line of current sources."""
        key: str = polarity
        if key not in self._lines:
            self._make(polarity)
        return self._lines[key]

    def cascode(self, polarity: Polarity) -> str:
        """Return the gate line of cascodes that stand on such a current source."""
        key = f"{polarity}cas"
        if key not in self._lines:
            self._lines[key] = self._cascode_line(polarity)
        return self._lines[key]

    def source(self, polarity: Polarity, out: str, *, i: float = 1.0, b: str | None = None) -> None:
        """Place a current source: it sinks (n) or feeds (p) i units at ``out``."""
        sheet = self.sheet
        rail = sheet.rail(polarity)
        kind = sheet.pick(
            "plain", "cascode", "degenerated", weights=(6, 2 if self.cascoded else 0, 1)
        )
        with sheet.block("source"):
            if kind == "cascode":
                middle = sheet.net("cs")
                sheet.mos(polarity, middle, self.gate(polarity), rail, i=i)
                sheet.mos(polarity, out, self.cascode(polarity), middle, i=i)
            elif kind == "degenerated":
                foot = sheet.net("deg")
                sheet.r(foot, rail, 0.02 / (i * sheet.unit_a))
                sheet.mos(polarity, out, self.gate(polarity), foot, i=i)
            else:
                sheet.mos(polarity, out, self.gate(polarity), rail, i=i)

    def _make(self, polarity: Polarity) -> None:
        sheet = self.sheet
        if sheet.chance(self.share_ports):
            level = sheet.level(polarity, THRESHOLD_V + 0.2)
            self._lines[polarity] = sheet.port("bias", f"vb{polarity}", volts=level)
            return
        other = OTHER[polarity]
        with sheet.block("bias"):
            if other in self._lines:
                self._mirrored(polarity)
            elif self.reference == "beta":
                beta_multiplier(sheet, self._lines)
            else:
                line = sheet.net(f"vb{polarity}")
                REFERENCE_BLOCKS[self.reference](sheet, polarity, line)
                self._lines[polarity] = line

    def _mirrored(self, polarity: Polarity) -> None:
        """Make this line from the other one: a current source into a diode."""
        sheet = self.sheet
        other = OTHER[polarity]
        line = sheet.net(f"vb{polarity}")
        self._lines[polarity] = line
        if self.cascoded and sheet.chance(0.5):
            middle = sheet.net("bc")
            sheet.mos(other, middle, self._lines[other], sheet.rail(other))
            sheet.mos(other, line, self.cascode(other), middle)
        else:
            sheet.mos(other, line, self._lines[other], sheet.rail(other))
        sheet.mos(polarity, line, line, sheet.rail(polarity))
        if sheet.chance(0.1):
            sheet.c(line, sheet.rail(polarity), sheet.log(0.2e-12, 5e-12))

    def _cascode_line(self, polarity: Polarity) -> str:
        sheet = self.sheet
        if sheet.chance(max(self.share_ports, 0.3)):
            level = sheet.level(polarity, THRESHOLD_V + 0.45)
            return sheet.port("bias", f"vc{polarity}", volts=level)
        rail, other = sheet.rail(polarity), OTHER[polarity]
        line = sheet.net(f"vc{polarity}")
        feed = self.gate(other)
        with sheet.block("cascode_bias"):
            sheet.mos(other, line, feed, sheet.rail(other))
            kind = sheet.pick("wide", "stack", "lifted", "triode")
            if kind == "wide":
                sheet.mos(polarity, line, line, rail, vov=0.45)
            elif kind == "stack":
                foot = sheet.net("st")
                sheet.mos(polarity, line, line, foot)
                sheet.mos(polarity, foot, line, rail, vov=0.5)
            elif kind == "lifted":
                foot = sheet.net("st")
                sheet.mos(polarity, line, line, foot)
                sheet.r(foot, rail, 0.25 / sheet.unit_a)
            else:
                foot = sheet.net("st")
                sheet.mos(polarity, line, line, foot, vov=0.25)
                sheet.mos(polarity, foot, self.gate(polarity), rail, i=1.5, vov=0.3)
                sheet.mos(other, foot, feed, sheet.rail(other), i=0.3)
        return line


def _port_current(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A reference current from outside into a diode, in one of the ways it is drawn."""
    rail = sheet.rail(polarity)
    sign = -1.0 if polarity == "n" else 1.0
    sheet.port("bias", "ib", amperes=sign * sheet.unit_a, net=line)
    sheet.mos(polarity, line, line, rail)


def _ideal(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A current source in the netlist itself."""
    rail = sheet.rail(polarity)
    ends = (sheet.vdd, line) if polarity == "n" else (line, sheet.vss)
    if sheet.chance(0.4):
        _port_current(sheet, polarity, line)
        return
    sheet.i(*ends, sheet.unit_a)
    sheet.mos(polarity, line, line, rail)


def _resistor(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A resistor to the other rail; now and then split, or with a diode in series."""
    rail, far = sheet.rail(polarity), sheet.rail(OTHER[polarity])
    drop = sheet.supply_v - THRESHOLD_V - 0.2
    if sheet.chance(0.3) and drop > 1:
        middle = sheet.net("rb")
        sheet.mos(OTHER[polarity], middle, middle, far)
        sheet.r(middle, line, (drop - 0.65) / sheet.unit_a)
    elif sheet.chance(0.2):
        middle = sheet.net("rb")
        sheet.r(far, middle, drop / 2 / sheet.unit_a)
        sheet.r(middle, line, drop / 2 / sheet.unit_a)
    else:
        sheet.r(far, line, drop / sheet.unit_a)
    sheet.mos(polarity, line, line, rail)


def _stack(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A chain of diodes between the rails."""
    far = sheet.rail(OTHER[polarity])
    sheet.mos(polarity, line, line, sheet.rail(polarity))
    count = max(1, int((sheet.supply_v - 0.65) / 0.8))
    step = (sheet.supply_v - 0.65) / count
    above = line
    for place in range(count):
        top = far if place == count - 1 else sheet.net("dc")
        # Each of these is a diode with its drain on the far side.
        sheet.mos(OTHER[polarity], above, above, top, vov=max(step - THRESHOLD_V, 0.15))
        above = top


def _threshold(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A threshold voltage over a resistor sets the current; a pair of mirrors closes the loop."""
    other = OTHER[polarity]
    near, far = sheet.rail(polarity), sheet.rail(other)
    gate, sense, up = sheet.net("vt"), sheet.net("vr"), sheet.net("mu")
    sheet.mos(polarity, gate, sense, near)
    sheet.mos(polarity, up, gate, sense)
    sheet.r(sense, near, (THRESHOLD_V + 0.2) / sheet.unit_a)
    sheet.mos(other, up, up, far)
    sheet.mos(other, gate, up, far)
    sheet.mos(other, line, up, far)
    sheet.mos(polarity, line, line, near)
    sheet.r(far, gate, 40 * sheet.supply_v / sheet.unit_a)


def _transistor_as_resistor(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A long transistor with its gate on the far rail instead of the resistor."""
    other = OTHER[polarity]
    far = sheet.rail(other)
    sheet.mos(other, line, sheet.rail(polarity), far, vov=sheet.supply_v - THRESHOLD_V)
    sheet.mos(polarity, line, line, sheet.rail(polarity))


def _follower(sheet: Sheet, polarity: Polarity, line: str) -> None:
    """A diode whose gate is driven by a follower: it spares the reference the gate currents."""
    near, far = sheet.rail(polarity), sheet.rail(OTHER[polarity])
    top = sheet.net("fo")
    sheet.mos(polarity, top, line, near)
    sheet.mos(polarity, far, top, line)
    sheet.r(line, near, (THRESHOLD_V + 0.2) / sheet.unit_a)
    drop = sheet.supply_v - 2 * (THRESHOLD_V + 0.2)
    sheet.r(far, top, max(drop, 0.2) / sheet.unit_a)


REFERENCE_BLOCKS: Final[dict[str, Callable[[Sheet, Polarity, str], None]]] = {
    "port": _port_current,
    "sink": _ideal,
    "resistor": _resistor,
    "stack": _stack,
    "vth": _threshold,
    "jfetless": _transistor_as_resistor,
    "follower": _follower,
}


def beta_multiplier(sheet: Sheet, lines: dict[str, str]) -> None:
    """Two mirrors in a loop; a resistor under the larger transistor sets the current."""
    side: Polarity = sheet.polarity()
    other = OTHER[side]
    near, far = sheet.rail(side), sheet.rail(other)
    diode, loop, foot = sheet.net(f"vb{side}"), sheet.net(f"vb{other}"), sheet.net("rs")
    lines[side], lines[other] = diode, loop
    wide = sheet.chance(0.25)
    with sheet.block("beta_multiplier"):
        sheet.mos(side, diode, diode, near)
        if wide:
            top = sheet.net("bm")
            sheet.mos(side, top, diode, foot, vov=0.1)
            sheet.mos(side, loop, sheet.port("bias", "vcb", volts=sheet.level(side, 1.0)), top)
        else:
            sheet.mos(side, loop, diode, foot, vov=0.1)
        sheet.r(foot, near, 0.1 / sheet.unit_a)
        sheet.mos(other, loop, loop, far)
        sheet.mos(other, diode, loop, far)
        start_up(sheet, side, diode, loop)


def start_up(sheet: Sheet, side: Polarity, diode: str, loop: str) -> None:
    """Keep a loop of mirrors from staying at zero current; one of four ways."""
    other = OTHER[side]
    near, far = sheet.rail(side), sheet.rail(other)
    with sheet.block("start_up"):
        kind = sheet.pick("inverter", "resistor", "capacitor", "diodes", "long")
        if kind == "inverter":
            sense = sheet.net("su")
            sheet.mos(side, sense, diode, near)
            sheet.mos(other, sense, near, far, i=0.2, vov=sheet.supply_v - THRESHOLD_V)
            sheet.mos(side, loop, sense, diode)
        elif kind == "resistor":
            sheet.r(far, diode, 50 * sheet.supply_v / sheet.unit_a)
        elif kind == "capacitor":
            sense = sheet.net("su")
            sheet.c(far, sense, sheet.log(0.5e-12, 5e-12))
            sheet.mos(side, sense, diode, near)
            sheet.mos(side, loop, sense, near)
        elif kind == "diodes":
            sense = sheet.net("su")
            sheet.mos(side, loop, sense, diode)
            sheet.r(far, sense, 30 * sheet.supply_v / sheet.unit_a)
            sheet.mos(side, sense, diode, near)
        else:
            sheet.mos(other, diode, near, far, i=0.02, vov=sheet.supply_v - THRESHOLD_V)
