"""Names: how a net, a device, a rail is called in one hand, and in another.

A style names every net of a circuit from the hint that its block gave it, and every device from
its kind. What nets are for shows in the names of some styles and not in those of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.generator.sheet import GND, VDD, VSS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    from eda.datasets.generator.sheet import Port

SUPPLIES: Final = (
    *("vdd", "VDD", "vcc", "VCC", "avdd", "AVDD", "vdda", "VDDA", "vdd!", "VPWR", "vbat", "V+"),
    *("vddio", "DVDD", "VDD33", "vdd_ana", "VSUPPLY", "vcc5", "VDD1V8"),
)
ODD_SUPPLIES: Final = ("n001", "vp", "sup", "power", "top", "rail1", "hv", "vplus", "VM", "pos")
BOARD_SUPPLIES: Final = ("+5V", "VCC", "+3V3", "VDD", "+12V", "V+", "vcc", "VBAT", "Vs", "+9V")
GROUNDS: Final = ("0", "gnd", "GND", "vss", "VSS", "agnd", "AVSS", "vssa", "VGND", "gnd!", "vss!")
PORT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "inp": ("inp", "vinp", "in+", "INP", "vip", "VIN+", "in_p", "plus", "ip", "VINP", "vp"),
    "inn": ("inn", "vinn", "in-", "INN", "vin", "VIN-", "in_n", "minus", "im", "VINN", "vn"),
    "in": ("in", "vin", "IN", "Vin", "input", "sig_in", "a", "VIN", "vi", "rfin"),
    "out": ("out", "vout", "OUT", "Vout", "vo", "output", "o", "y", "VOUT", "out1"),
    "outp": ("outp", "voutp", "out+", "OUTP", "vop", "out_p", "VOUT1", "op"),
    "outn": ("outn", "voutn", "out-", "OUTN", "von", "out_n", "VOUT2", "on"),
    "ib": ("ib", "ibias", "iref", "IBIAS", "Ib", "ibp", "i_in", "ib1", "IB1"),
    "vref": ("vref", "VREF", "vbg", "ref", "Vref", "vbgr", "vr"),
    "vcm": ("vcm", "VCM", "vref", "vocm", "cm_ref"),
    "ck": ("clk", "CLK", "ck", "phi", "vclk", "CK", "VCLK1", "clock"),
    "ckb": ("clkb", "CLKB", "ckb", "phib", "vclkb", "CKN", "VCLK2", "clk_n"),
    "pd": ("pd", "PD", "pdn", "en", "EN", "enable", "sleep", "pwdn"),
}
_WORDS: Final = ("net", "n", "node", "w", "x", "int", "sig")


def name_rails(rng: np.random.Generator, *, board: bool, dual: bool) -> tuple[str, str]:
    """Return names of the upper and of the lower rail."""
    if board:
        high = BOARD_SUPPLIES[int(rng.integers(len(BOARD_SUPPLIES)))]
        low = ("-5V", "VEE", "V-", "vee", "-12V", "-VCC", "VSS")[int(rng.integers(7))]
        return high, low if dual else ("0", "GND", "gnd")[int(rng.choice(3, p=(0.6, 0.3, 0.1)))]
    pool = ODD_SUPPLIES if rng.random() < 0.06 else SUPPLIES
    low = (
        ("vee", "VSS", "vss", "AVSS")[int(rng.integers(4))]
        if dual
        else (GROUNDS[int(rng.integers(len(GROUNDS)))])
    )
    return pool[int(rng.integers(len(pool)))], low


def name_nets(
    nets: Sequence[str],
    ports: dict[str, Port],
    rails: tuple[str, str],
    rng: np.random.Generator,
    reserved: Iterable[str] = (),
) -> dict[str, str]:
    """Return the name of every net, all different without regard to case.

    ngspice finds the model on a transistor's card by its name: no net may have it (``reserved``).
    """
    style = ("hint", "number", "lt", "kicad", "word", "plain", "schematic")[
        int(rng.choice(7, p=(0.3, 0.12, 0.16, 0.08, 0.2, 0.07, 0.07)))
    ]
    ported = rng.random() < 0.9
    word = _WORDS[int(rng.integers(len(_WORDS)))]
    upper = bool(rng.random() < 0.2)
    taken = {"0", "gnd", *(name.lower() for name in reserved)}
    table: dict[str, str] = {}
    for net, name in zip((VDD, VSS), rails, strict=True):
        table[net] = name
        taken.add(name.lower())
    table[GND] = "0"
    order = [net for net in nets if net not in table]
    for place, net in enumerate(order, start=1):
        hint = net.partition("#")[0]
        if net in ports and ported:
            choices = PORT_NAMES.get(hint, (hint, hint.upper(), f"{hint}1", f"{hint}_i"))
            name = choices[int(rng.integers(len(choices)))]
        elif style == "hint":
            name = hint.upper() if upper else hint
        elif style == "number":
            name = str(place)
        elif style == "lt":
            name = f"N{place:03d}"
        elif style == "kicad":
            name = f"Net-_{hint.upper()}{place}-Pad{1 + place % 3}_"
        elif style == "word":
            name = f"{word}{place}"
        elif style == "plain":
            name = f"{'abcdefghjkmnpqrstuvwxyz'[place % 23]}{place}"
        else:
            name = f"net{place:04d}"
        table[net] = _unused(name, taken)
    return table


def _unused(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}{'_' if name[-1:].isdigit() else ''}{number}"
    taken.add(found.lower())
    return found


LETTERS: Final = {
    "mosfet": "M",
    "bipolar": "Q",
    "jfet": "J",
    "diode": "D",
    "resistor": "R",
    "capacitor": "C",
    "inductor": "L",
    "vsource": "V",
    "isource": "I",
    "subcircuit": "X",
}


class DeviceNames:
    """Names of devices: a letter and then what the style says."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Choose a style."""
        self.style = ("count", "count0", "each", "pol", "block", "U")[
            int(rng.choice(6, p=(0.35, 0.1, 0.25, 0.1, 0.1, 0.1)))
        ]
        self._counts: dict[str, int] = {}

    def next(self, kind: str, polarity: str, block: str) -> str:
        """Return the next name for a device of this kind."""
        letter = LETTERS[kind]
        if letter == "X" and self.style == "U":
            letter = "XU"
        key = letter if self.style in ("each", "U") else ""
        tag = ""
        if self.style == "pol" and kind in ("mosfet", "bipolar"):
            tag = polarity
            key = letter + polarity
        elif self.style == "block":
            tag = "".join(c for c in block.rpartition("/")[2].partition("#")[0] if c.isalpha())[:4]
        number = self._counts.get(key, -1 if self.style == "count0" else 0) + 1
        self._counts[key] = number
        return f"{letter}{tag}{number}" if not tag else f"{letter}{tag}_{number}"
