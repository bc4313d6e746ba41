"""Circuits around operational amplifiers that are black boxes, as application notes have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.generator.discrete import coupling, decoupling, output_pair
from eda.datasets.generator.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

AMPLIFIERS: Final = (
    *("LM358", "TL072", "NE5532", "LT1001", "OPA134", "AD8605", "LM324", "UA741", "LT1013"),
    *("MCP6002", "opamp", "OP07", "ADA4898", "LMV321", "TLC2272", "uopamp", "LF356"),
)


class Amplifiers:
    """The operational amplifiers of one circuit: one part number, one order of pins."""

    def __init__(self, sheet: Sheet) -> None:
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


def _r(sheet: Sheet) -> float:
    return sheet.log(1e3, 220e3)


def _c(sheet: Sheet) -> float:
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
        ohms = _r(sheet)
        sheet.r(sheet.vdd, tap, ohms)
        sheet.r(tap, sheet.vss, ohms)
        if sheet.chance(0.7):
            sheet.c(tap, sheet.vss, sheet.log(1e-6, 100e-6))
    return middle


def inverting(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """An inverting amplifier, integrator or differentiator, by what is in its branches."""
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    plus = reference
    if sheet.chance(0.25):
        plus = sheet.net("ni")
        sheet.r(plus, reference, _r(sheet))
    amp.place(plus, minus, out)
    for a, b, feedback in ((node, minus, False), (out, minus, True)):
        kind = sheet.pick("r", "rc_parallel", "c", "rc_series", "diodes", weights=(6, 2, 1, 1, 0.5))
        if kind == "r" or (kind == "diodes" and not feedback):
            sheet.r(a, b, _r(sheet))
        elif kind == "rc_parallel":
            sheet.r(a, b, _r(sheet))
            sheet.c(a, b, _c(sheet))
        elif kind == "c":
            sheet.c(a, b, _c(sheet))
            if feedback:
                sheet.r(a, b, sheet.log(1e6, 1e7))
        elif kind == "rc_series":
            middle = sheet.net("z")
            sheet.r(a, middle, _r(sheet))
            sheet.c(middle, b, _c(sheet))
            if feedback:
                sheet.r(a, b, sheet.log(1e6, 1e7))
        else:
            sheet.d(a, b)
            sheet.d(b, a)
            sheet.r(a, b, _r(sheet))


def non_inverting(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A non-inverting amplifier or a follower."""
    if sheet.chance(0.3):
        if sheet.chance(0.3):
            minus = sheet.net("inv")
            sheet.r(out, minus, _r(sheet))
            amp.place(node, minus, out)
        else:
            amp.place(node, out, out)
        return
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    amp.place(node, minus, out)
    sheet.r(out, minus, _r(sheet))
    if sheet.chance(0.3):
        sheet.c(out, minus, _c(sheet))
    foot = reference
    if sheet.chance(0.3):
        foot = sheet.net("f")
        sheet.c(foot, reference, _c(sheet) * 100)
    sheet.r(minus, foot, _r(sheet))


def difference(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A difference amplifier, with input buffers (an instrumentation amplifier) or without."""
    other = sheet.port("input", "inn", volts=sheet.supply_v / 2)
    reference = reference_net(sheet, amp)
    nets = [node, other]
    if sheet.chance(0.6):
        feet = sheet.net("ga"), sheet.net("gb")
        buffered = []
        shared = sheet.chance(0.85)
        for net, foot in zip((node, other), feet, strict=True):
            end = sheet.net("bo")
            if shared:
                amp.place(net, foot, end)
                sheet.r(end, foot, _r(sheet))
            else:
                amp.place(net, end, end)
            buffered.append(end)
        if shared:
            sheet.r(*feet, _r(sheet))
        nets = buffered
    minus, plus = sheet.net("inv"), sheet.net("ni")
    sheet.r(nets[0], plus, _r(sheet))
    sheet.r(plus, reference, _r(sheet))
    sheet.r(nets[1], minus, _r(sheet))
    sheet.r(minus, out, _r(sheet))
    if sheet.chance(0.2):
        sheet.c(minus, out, _c(sheet))
        sheet.c(plus, reference, _c(sheet))
    amp.place(plus, minus, out)


def summing(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A summing amplifier."""
    minus = sheet.net("inv")
    nets = [node] + [
        sheet.port("input", "in", volts=sheet.supply_v / 2) for _ in range(sheet.number(1, 3))
    ]
    for net in nets:
        source = net
        if sheet.chance(0.2):
            source = sheet.net("cc")
            coupling(sheet, net, source)
        sheet.r(source, minus, _r(sheet))
    sheet.r(minus, out, _r(sheet))
    amp.place(reference_net(sheet, amp), minus, out)


def sallen_key(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A second-order section of Sallen and Key: low, high or band pass."""
    kind = sheet.pick("low", "high", "band", weights=(3, 2, 1))
    mid, plus = sheet.net("sk"), sheet.net("ni")
    reference = reference_net(sheet, amp)

    def branch(a: str, b: str, resistive: bool) -> None:
        if resistive:
            sheet.r(a, b, _r(sheet))
        else:
            sheet.c(a, b, _c(sheet))

    low = kind != "high"
    branch(node, mid, low)
    branch(mid, plus, low and kind == "low")
    branch(mid, out, not low or kind == "band")
    branch(plus, reference, not low or kind == "band")
    if kind == "band":
        sheet.c(mid, reference, _c(sheet))
    if sheet.chance(0.5):
        amp.place(plus, out, out)
    else:
        minus = sheet.net("inv")
        amp.place(plus, minus, out)
        sheet.r(out, minus, _r(sheet))
        sheet.r(minus, reference, _r(sheet))


def multiple_feedback(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A second-order section with multiple feedback."""
    kind = sheet.pick("low", "high", "band")
    mid, minus = sheet.net("mf"), sheet.net("inv")
    reference = reference_net(sheet, amp)
    amp.place(reference, minus, out)
    if kind == "low":
        sheet.r(node, mid, _r(sheet))
        sheet.r(mid, out, _r(sheet))
        sheet.r(mid, minus, _r(sheet))
        sheet.c(mid, reference, _c(sheet))
        sheet.c(minus, out, _c(sheet))
    else:
        if kind == "high":
            sheet.c(node, mid, _c(sheet))
        else:
            sheet.r(node, mid, _r(sheet))
        sheet.c(mid, out, _c(sheet))
        sheet.c(mid, minus, _c(sheet))
        if sheet.chance(0.8) or kind == "high":
            sheet.r(mid, reference, _r(sheet))
        sheet.r(minus, out, _r(sheet))


def biquad(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Tow-Thomas and state-variable sections of three amplifiers."""
    reference = reference_net(sheet, amp)
    first, second = sheet.net("bp"), sheet.net("lp")
    a, b, c = sheet.net("inv"), sheet.net("inv"), sheet.net("inv")
    if sheet.chance(0.5):
        sheet.r(node, a, _r(sheet))
        sheet.c(a, first, _c(sheet))
        sheet.r(a, first, _r(sheet))
        amp.place(reference, a, first)
        sheet.r(first, b, _r(sheet))
        sheet.c(b, second, _c(sheet))
        amp.place(reference, b, second)
        sheet.r(second, c, 10e3)
        sheet.r(c, out, 10e3)
        amp.place(reference, c, out)
        sheet.r(out, a, _r(sheet))
    else:
        high, plus = sheet.net("hp"), sheet.net("ni")
        sheet.r(node, a, _r(sheet))
        sheet.r(high, a, _r(sheet))
        sheet.r(out, a, _r(sheet))
        sheet.r(first, plus, _r(sheet))
        sheet.r(plus, reference, _r(sheet))
        amp.place(plus, a, high)
        for source, minus, end in ((high, b, first), (first, c, out)):
            sheet.r(source, minus, _r(sheet))
            sheet.c(minus, end, _c(sheet))
            amp.place(reference, minus, end)
        if sheet.chance(0.5):
            sheet.port("output", "out", net=high)


def twin_tee(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A notch filter."""
    top, bottom, plus = sheet.net("tt"), sheet.net("tt"), sheet.net("ni")
    reference = reference_net(sheet, amp)
    foot = reference
    sheet.r(node, top, _r(sheet))
    sheet.r(top, plus, _r(sheet))
    sheet.c(node, bottom, _c(sheet))
    sheet.c(bottom, plus, _c(sheet))
    if sheet.chance(0.5):
        foot = sheet.net("q")
        tap = sheet.net("tap")
        sheet.r(out, tap, _r(sheet))
        sheet.r(tap, reference, _r(sheet))
        amp.place(tap, foot, foot)
    sheet.c(top, foot, _c(sheet))
    sheet.r(bottom, foot, _r(sheet))
    amp.place(plus, out, out)


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
        sheet.c(node, out, _c(sheet))
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
                sheet.c(second, out, _c(sheet))
            amp.place(reference, second, out)


def hysteresis(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A comparator with positive feedback."""
    plus, reference = sheet.net("ni"), reference_net(sheet, amp)
    if sheet.chance(0.5):
        sheet.r(out, plus, _r(sheet))
        sheet.r(plus, reference, _r(sheet))
        amp.place(plus, node, out)
    else:
        sheet.r(node, plus, _r(sheet))
        sheet.r(out, plus, _r(sheet))
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
        sheet.r(out, plus, _r(sheet))
        sheet.r(plus, reference, _r(sheet))
        sheet.r(out, minus, _r(sheet))
        sheet.c(minus, reference, _c(sheet))
        amp.place(plus, minus, out)
        if sheet.chance(0.3):
            inner = sheet.net("dd")
            sheet.d(out, inner)
            sheet.r(inner, minus, _r(sheet))
    else:
        square = sheet.net("sq")
        sheet.r(square, minus, _r(sheet))
        sheet.c(minus, out, _c(sheet))
        amp.place(reference, minus, out)
        if kind == "triangle":
            sheet.r(out, plus, 10e3)
            sheet.r(square, plus, 22e3)
            amp.place(plus, reference, square)
        else:
            sheet.r(out, plus, 10e3)
            sheet.c(plus, reference, 10e-9)
            amp.place(plus, square, square)


def current_source(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Voltage to current converters and power drivers with a transistor in the loop."""
    kind = sheet.pick("sink", "howland", "boosted", "high_side", "mosfet")
    reference = reference_net(sheet, amp)
    if kind == "howland":
        minus, plus = sheet.net("inv"), sheet.net("ni")
        inner = sheet.net("h")
        sheet.r(node, plus, 10e3)
        sheet.r(minus, reference, 10e3)
        sheet.r(minus, inner, 10e3)
        sheet.r(inner, out, 1e3)
        sheet.r(out, plus, 10e3)
        amp.place(plus, minus, inner)
        sheet.r(out, reference, 1e3)
    elif kind == "boosted":
        inner, minus = sheet.net("h"), sheet.net("inv")
        amp.place(node, minus, inner)
        end = output_pair(sheet, inner)
        sheet.r(end, minus, _r(sheet))
        sheet.r(minus, reference, _r(sheet))
        sheet.r(end, out, 0.1)
    else:
        gate, sense = sheet.net("g"), sheet.net("sn")
        side = "p" if kind == "high_side" else "n"
        far = sheet.vdd if side == "p" else sheet.vss
        if sheet.chance(0.5):
            inner = sheet.net("h")
            amp.place(node, sense, inner)
            sheet.r(inner, gate, sheet.log(10, 1e3))
        else:
            amp.place(node, sense, gate)
        if kind == "mosfet":
            sheet.mos("n", out, gate, sense, b=sense, i=100)
        else:
            sheet.bjt(side, out, gate, sense)  # type: ignore[arg-type]
        sheet.r(sense, far, sheet.log(1, 1e3))
        sheet.r(out, sheet.vdd if side == "n" else sheet.vss, sheet.log(100, 1e4))


def logarithmic(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Logarithmic and exponential amplifiers."""
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    amp.place(reference, minus, out)
    if sheet.chance(0.6):
        sheet.r(node, minus, _r(sheet))
        if sheet.chance(0.5):
            sheet.bjt("n", minus, reference, out)
        else:
            sheet.d(minus, out)
        sheet.c(minus, out, _c(sheet))
        sheet.r(minus, out, 1e7)
    else:
        sheet.d(node, minus)
        sheet.r(minus, out, _r(sheet))


def all_pass(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A first-order phase shifter."""
    minus, plus, reference = sheet.net("inv"), sheet.net("ni"), reference_net(sheet, amp)
    sheet.r(node, minus, 10e3)
    sheet.r(minus, out, 10e3)
    if sheet.chance(0.5):
        sheet.r(node, plus, _r(sheet))
        sheet.c(plus, reference, _c(sheet))
    else:
        sheet.c(node, plus, _c(sheet))
        sheet.r(plus, reference, _r(sheet))
    amp.place(plus, minus, out)


def photodiode(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A transimpedance amplifier for a photodiode."""
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    sheet.d(*((minus, reference) if sheet.chance(0.5) else (reference, minus)))
    sheet.r(minus, out, sheet.log(1e5, 1e7))
    if sheet.chance(0.7):
        sheet.c(minus, out, sheet.log(1e-12, 100e-12))
    sheet.r(node, minus, 1e6)
    amp.place(reference, minus, out)


SECTIONS: Final[dict[str, tuple[Callable[[Sheet, Amplifiers, str, str], None], float]]] = {
    "inverting": (inverting, 4),
    "non_inverting": (non_inverting, 4),
    "difference": (difference, 2),
    "summing": (summing, 1.5),
    "sallen_key": (sallen_key, 3),
    "multiple_feedback": (multiple_feedback, 2),
    "biquad": (biquad, 1.5),
    "twin_tee": (twin_tee, 1),
    "rectifier": (rectifier, 2),
    "hysteresis": (hysteresis, 1.5),
    "oscillator": (oscillator, 1.5),
    "current_source": (current_source, 1.5),
    "logarithmic": (logarithmic, 0.7),
    "all_pass": (all_pass, 1),
    "photodiode": (photodiode, 1),
}


def opamp_application(sheet: Sheet) -> None:
    """One to four sections around operational amplifiers, one after the other."""
    amp = Amplifiers(sheet)
    node = sheet.port("input", "in", volts=sheet.supply_v / 2)
    if sheet.chance(0.3):
        with sheet.block("input"):
            inner = sheet.net("ci")
            coupling(sheet, node, inner)
            sheet.r(inner, reference_net(sheet, amp), _r(sheet))
            if sheet.chance(0.3):
                sheet.d(inner, sheet.vdd)
                sheet.d(sheet.vss, inner)
        node = inner
    count = int(sheet.pick("1", "2", "3", "4", weights=(3, 3, 2, 1)))
    out = sheet.port("output", "out")
    names = tuple(SECTIONS)
    for at in range(count):
        following = out if at == count - 1 else sheet.net("v")
        name = sheet.pick(*names, weights=[SECTIONS[item][1] for item in names])
        with sheet.block(name):
            SECTIONS[name][0](sheet, amp, node, following)
        if at < count - 1 and sheet.chance(0.2):
            inner = sheet.net("cc")
            coupling(sheet, following, inner)
            sheet.r(inner, reference_net(sheet, amp), _r(sheet))
            following = inner
        node = following
    with sheet.block("output"):
        style = sheet.pick("none", "resistor", "coupled", "rc")
        if style == "resistor":
            sheet.r(out, sheet.ground, _r(sheet))
        elif style == "coupled":
            end = sheet.port("output", "out")
            coupling(sheet, out, end)
            sheet.r(end, sheet.ground, _r(sheet))
        elif style == "rc":
            end = sheet.port("output", "out")
            sheet.r(out, end, sheet.log(10, 1e3))
            sheet.c(end, sheet.ground, _c(sheet))
    decoupling(sheet)
