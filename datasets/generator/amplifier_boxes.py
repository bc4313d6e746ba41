"""Operational amplifiers as black boxes, and the net their signals refer to."""

from __future__ import annotations

from typing import Final

from eda.datasets.generator.sheet import Sheet

AMPLIFIERS: Final = (
    *("LM358", "TL072", "NE5532", "LT1001", "OPA134", "AD8605", "LM324", "UA741", "LT1013"),
    *("MCP6002", "opamp", "OP07", "ADA4898", "LMV321", "TLC2272", "uopamp", "LF356"),
)


class Amplifiers:
    """The operational amplifiers of one circuit: one part number, one order of pins."""

    def __init__(self, sheet: Sheet) -> None:
        """Choose a part and an order of pins."""
        self.sheet = sheet
        self.model = AMPLIFIERS[sheet.number(0, len(AMPLIFIERS) - 1)]
        self.form = sheet.pick(
            "five", "three", "five_out_first", "differential", weights=(6, 3, 1, 0.4)
        )

    def place(self, plus: str, minus: str, out: str) -> None:
        """Place one."""
        sheet = self.sheet
        high, low = sheet.vdd, sheet.vss
        if self.form == "three":
            sheet.box(f"{self.model}", inp=plus, inn=minus, out=out)
        elif self.form == "five_out_first":
            sheet.box(f"{self.model}", out=out, inn=minus, inp=plus, vcc=high, vee=low)
        else:
            sheet.box(f"{self.model}", inp=plus, inn=minus, vcc=high, vee=low, out=out)


def any_resistance(sheet: Sheet) -> float:
    """Return ohms as boards have them."""
    return sheet.log(1e3, 220e3)


def any_capacitance(sheet: Sheet) -> float:
    """Return farads as boards have them."""
    return sheet.log(100e-12, 1e-6)


def reference_net(sheet: Sheet, amplifiers: Amplifiers) -> str:
    """Return what signals refer to: ground, or half of a single supply."""
    if sheet.dual:
        return sheet.ground
    existing = next(
        (net for part in sheet.parts for net in part.nets if net.startswith("mid#")), None
    )
    if existing:
        return existing
    middle = sheet.net("mid")
    with sheet.block("reference"):
        if sheet.chance(0.3):
            tap = sheet.net("tap")
            amplifiers.place(tap, middle, middle)
        elif sheet.chance(0.2):
            sheet.v(middle, sheet.vss, sheet.supply_v / 2)
            return middle
        else:
            tap = middle
        ohms = any_resistance(sheet)
        sheet.r(sheet.vdd, tap, ohms)
        sheet.r(tap, sheet.vss, ohms)
        if sheet.chance(0.7):
            sheet.c(tap, sheet.vss, sheet.log(1e-6, 100e-6))
    return middle
