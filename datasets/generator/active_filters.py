"""Filter sections around operational amplifiers: Sallen-Key, multiple feedback, biquads."""

from __future__ import annotations

from eda.datasets.generator.amplifier_boxes import (
    Amplifiers,
    any_capacitance,
    any_resistance,
    reference_net,
)
from eda.datasets.generator.sheet import Sheet


def sallen_key(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A second-order section of Sallen and Key: low, high or band pass."""
    kind = sheet.pick("low", "high", "band", weights=(3, 2, 1))
    mid, plus = sheet.net("sk"), sheet.net("ni")
    reference = reference_net(sheet, amp)

    def branch(a: str, b: str, resistive: bool) -> None:
        if resistive:
            sheet.r(a, b, any_resistance(sheet))
        else:
            sheet.c(a, b, any_capacitance(sheet))

    low = kind != "high"
    branch(node, mid, low)
    branch(mid, plus, low and kind == "low")
    branch(mid, out, not low or kind == "band")
    branch(plus, reference, not low or kind == "band")
    if kind == "band":
        sheet.c(mid, reference, any_capacitance(sheet))
    if sheet.chance(0.5):
        amp.place(plus, out, out)
    else:
        minus = sheet.net("inv")
        amp.place(plus, minus, out)
        sheet.r(out, minus, any_resistance(sheet))
        sheet.r(minus, reference, any_resistance(sheet))


def multiple_feedback(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A second-order section with multiple feedback."""
    kind = sheet.pick("low", "high", "band")
    mid, minus = sheet.net("mf"), sheet.net("inv")
    reference = reference_net(sheet, amp)
    amp.place(reference, minus, out)
    if kind == "low":
        sheet.r(node, mid, any_resistance(sheet))
        sheet.r(mid, out, any_resistance(sheet))
        sheet.r(mid, minus, any_resistance(sheet))
        sheet.c(mid, reference, any_capacitance(sheet))
        sheet.c(minus, out, any_capacitance(sheet))
    else:
        if kind == "high":
            sheet.c(node, mid, any_capacitance(sheet))
        else:
            sheet.r(node, mid, any_resistance(sheet))
        sheet.c(mid, out, any_capacitance(sheet))
        sheet.c(mid, minus, any_capacitance(sheet))
        if sheet.chance(0.8) or kind == "high":
            sheet.r(mid, reference, any_resistance(sheet))
        sheet.r(minus, out, any_resistance(sheet))


def biquad(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Tow-Thomas and state-variable sections of three amplifiers."""
    reference = reference_net(sheet, amp)
    first, second = sheet.net("bp"), sheet.net("lp")
    a, b, c = sheet.net("inv"), sheet.net("inv"), sheet.net("inv")
    if sheet.chance(0.5):
        sheet.r(node, a, any_resistance(sheet))
        sheet.c(a, first, any_capacitance(sheet))
        sheet.r(a, first, any_resistance(sheet))
        amp.place(reference, a, first)
        sheet.r(first, b, any_resistance(sheet))
        sheet.c(b, second, any_capacitance(sheet))
        amp.place(reference, b, second)
        sheet.r(second, c, 10e3)
        sheet.r(c, out, 10e3)
        amp.place(reference, c, out)
        sheet.r(out, a, any_resistance(sheet))
    else:
        high, plus = sheet.net("hp"), sheet.net("ni")
        sheet.r(node, a, any_resistance(sheet))
        sheet.r(high, a, any_resistance(sheet))
        sheet.r(out, a, any_resistance(sheet))
        sheet.r(first, plus, any_resistance(sheet))
        sheet.r(plus, reference, any_resistance(sheet))
        amp.place(plus, a, high)
        for source, minus, end in ((high, b, first), (first, c, out)):
            sheet.r(source, minus, any_resistance(sheet))
            sheet.c(minus, end, any_capacitance(sheet))
            amp.place(reference, minus, end)
        if sheet.chance(0.5):
            sheet.port("output", "out", net=high)


def twin_tee(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A notch filter."""
    top, bottom, plus = sheet.net("tt"), sheet.net("tt"), sheet.net("ni")
    reference = reference_net(sheet, amp)
    foot = reference
    sheet.r(node, top, any_resistance(sheet))
    sheet.r(top, plus, any_resistance(sheet))
    sheet.c(node, bottom, any_capacitance(sheet))
    sheet.c(bottom, plus, any_capacitance(sheet))
    if sheet.chance(0.5):
        foot = sheet.net("q")
        tap = sheet.net("tap")
        sheet.r(out, tap, any_resistance(sheet))
        sheet.r(tap, reference, any_resistance(sheet))
        amp.place(tap, foot, foot)
    sheet.c(top, foot, any_capacitance(sheet))
    sheet.r(bottom, foot, any_resistance(sheet))
    amp.place(plus, out, out)


def all_pass(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A first-order phase shifter."""
    minus, plus, reference = sheet.net("inv"), sheet.net("ni"), reference_net(sheet, amp)
    sheet.r(node, minus, 10e3)
    sheet.r(minus, out, 10e3)
    if sheet.chance(0.5):
        sheet.r(node, plus, any_resistance(sheet))
        sheet.c(plus, reference, any_capacitance(sheet))
    else:
        sheet.c(node, plus, any_capacitance(sheet))
        sheet.r(plus, reference, any_resistance(sheet))
    amp.place(plus, minus, out)
