"""Sections with diodes or positive feedback: rectifiers, comparators, oscillators, logarithms."""

from __future__ import annotations

from eda.datasets.generator.amplifier_boxes import (
    Amplifiers,
    any_capacitance,
    any_resistance,
    reference_net,
)
from eda.datasets.generator.sheet import Sheet


def rectifier(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Precision rectifiers and peak detectors."""
    kind = sheet.pick("half", "full", "peak", "absolute", "clamp")
    reference = reference_net(sheet, amp)
    inner = sheet.net("r")
    flipped = sheet.chance(0.4)

    def diode(a: str, k: str) -> None:
        sheet.d(*((k, a) if flipped else (a, k)))

    if kind == "peak":
        amp.place(node, out if sheet.chance(0.5) else inner, inner)
        held = sheet.net("pk")
        diode(inner, held)
        sheet.c(held, reference, sheet.log(1e-9, 1e-6))
        sheet.r(held, reference, sheet.log(1e5, 1e7))
        amp.place(held, out, out)
    elif kind == "clamp":
        minus = sheet.net("inv")
        sheet.c(node, out, any_capacitance(sheet))
        amp.place(reference, minus, inner)
        diode(inner, out)
        sheet.r(out, minus, 1e4)
        sheet.r(out, reference, sheet.log(1e5, 1e7))
    elif kind == "absolute":
        a, b, half = sheet.net("inv"), sheet.net("inv"), sheet.net("h")
        amp.place(node, a, inner)
        diode(half, inner)
        sheet.r(half, a, 10e3)
        sheet.r(a, b, 10e3)
        amp.place(half, b, out)
        sheet.r(b, out, 10e3)
        diode(inner, a)
    else:
        minus, half = sheet.net("inv"), sheet.net("h")
        end = out if kind == "half" else half
        sheet.r(node, minus, 10e3)
        amp.place(reference, minus, inner)
        sheet.r(minus, end, 10e3)
        diode(inner, minus) if sheet.chance(0.5) else diode(minus, inner)
        if sheet.choices and kind == "half" and sheet.chance(0.2):
            sheet.d(end, inner)
        else:
            sheet.d(inner, end)
        if kind == "full":
            second = sheet.net("inv")
            sheet.r(node, second, 20e3)
            sheet.r(half, second, 10e3)
            sheet.r(second, out, 20e3)
            if sheet.chance(0.4):
                sheet.c(second, out, any_capacitance(sheet))
            amp.place(reference, second, out)


def hysteresis(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A comparator with positive feedback."""
    plus, reference = sheet.net("ni"), reference_net(sheet, amp)
    if sheet.chance(0.5):
        sheet.r(out, plus, any_resistance(sheet))
        sheet.r(plus, reference, any_resistance(sheet))
        amp.place(plus, node, out)
    else:
        sheet.r(node, plus, any_resistance(sheet))
        sheet.r(out, plus, any_resistance(sheet))
        amp.place(plus, reference, out)
    if sheet.chance(0.3):
        sheet.r(sheet.vdd, out, 4.7e3)


def oscillator(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Wien bridge, phase shift, relaxation and triangle oscillators; the input trims them."""
    kind = sheet.pick("wien", "phase", "relaxation", "triangle", "quadrature")
    reference = reference_net(sheet, amp)
    minus, plus = sheet.net("inv"), sheet.net("ni")
    sheet.r(node, minus if kind != "relaxation" else plus, 1e6)
    if kind == "wien":
        middle = sheet.net("w")
        sheet.r(out, middle, 10e3)
        sheet.c(middle, plus, 10e-9)
        sheet.r(plus, reference, 10e3)
        sheet.c(plus, reference, 10e-9)
        sheet.r(minus, reference, 10e3)
        limit = sheet.pick("plain", "diodes", "jfet")
        if limit == "diodes":
            inner = sheet.net("lim")
            sheet.r(minus, inner, 18e3)
            sheet.r(inner, out, 4.7e3)
            sheet.d(inner, out)
            sheet.d(out, inner)
        else:
            sheet.r(minus, out, 20e3)
            if limit == "jfet":
                gate = sheet.net("jg")
                sheet.add("jfet", (minus, gate, reference), polarity="n")
                sheet.r(gate, reference, 1e6)
                sheet.c(gate, reference, 1e-6)
                sheet.d(gate, out)
        amp.place(plus, minus, out)
    elif kind == "phase":
        a, b = sheet.net("p"), sheet.net("p")
        for x, y in ((out, a), (a, b), (b, minus)):
            if y == minus:
                middle = sheet.net("p")
                sheet.c(x, middle, 10e-9)
                sheet.r(middle, minus, 10e3)
            else:
                sheet.c(x, y, 10e-9)
                sheet.r(y, reference, 10e3)
        sheet.r(minus, out, 330e3)
        amp.place(reference, minus, out)
    elif kind == "relaxation":
        sheet.r(out, plus, any_resistance(sheet))
        sheet.r(plus, reference, any_resistance(sheet))
        sheet.r(out, minus, any_resistance(sheet))
        sheet.c(minus, reference, any_capacitance(sheet))
        amp.place(plus, minus, out)
        if sheet.chance(0.3):
            inner = sheet.net("dd")
            sheet.d(out, inner)
            sheet.r(inner, minus, any_resistance(sheet))
    else:
        square = sheet.net("sq")
        sheet.r(square, minus, any_resistance(sheet))
        sheet.c(minus, out, any_capacitance(sheet))
        amp.place(reference, minus, out)
        if kind == "triangle":
            sheet.r(out, plus, 10e3)
            sheet.r(square, plus, 22e3)
            amp.place(plus, reference, square)
        else:
            sheet.r(out, plus, 10e3)
            sheet.c(plus, reference, 10e-9)
            amp.place(plus, square, square)


def logarithmic(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Logarithmic and exponential amplifiers."""
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    amp.place(reference, minus, out)
    if sheet.chance(0.6):
        sheet.r(node, minus, any_resistance(sheet))
        if sheet.chance(0.5):
            sheet.bjt("n", minus, reference, out)
        else:
            sheet.d(minus, out)
        sheet.c(minus, out, any_capacitance(sheet))
        sheet.r(minus, out, 1e7)
    else:
        sheet.d(node, minus)
        sheet.r(minus, out, any_resistance(sheet))
