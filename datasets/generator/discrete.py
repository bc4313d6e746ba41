"""Amplifiers of discrete transistors, as textbooks and kits have them."""

from __future__ import annotations

from eda.datasets.generator.sheet import OTHER, Polarity, Sheet


def _e12(sheet: Sheet, low: float, high: float) -> float:
    """Return a value of the E12 series."""
    value = sheet.log(low, high)
    decade = 10.0 ** (len(f"{int(value)}") - 1) if value >= 1 else 1.0
    series = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2, 10.0)
    return decade * min(series, key=lambda item: abs(item - value / decade))


def coupling(sheet: Sheet, a: str, b: str) -> None:
    """A coupling capacitor, with a resistor in series now and then."""
    if sheet.chance(0.15):
        middle = sheet.net("cs")
        sheet.r(a, middle, _e12(sheet, 100, 1e4))
        a = middle
    sheet.c(a, b, sheet.log(0.1e-6, 100e-6))


def bias_base(sheet: Sheet, side: Polarity, base: str, collector: str) -> None:
    """What sets the base current: divider, feedback from the collector, one resistor."""
    rail, far = sheet.rail(side), sheet.rail(OTHER[side])
    kind = sheet.pick("divider", "feedback", "single", "filtered", weights=(6, 1.5, 1, 1))
    if kind == "divider":
        sheet.r(far, base, _e12(sheet, 20e3, 100e3))
        sheet.r(base, rail, _e12(sheet, 5e3, 20e3))
    elif kind == "feedback":
        sheet.r(collector, base, _e12(sheet, 1e5, 1e6))
    elif kind == "single":
        sheet.r(far, base, _e12(sheet, 4e5, 2e6))
    else:
        middle = sheet.net("bf")
        sheet.r(far, middle, _e12(sheet, 10e3, 50e3))
        sheet.r(middle, base, _e12(sheet, 10e3, 50e3))
        sheet.r(base, rail, _e12(sheet, 5e3, 20e3))
        sheet.c(middle, rail, sheet.log(1e-6, 100e-6))


def _emitter(sheet: Sheet, side: Polarity, node: str) -> None:
    rail = sheet.rail(side)
    kind = sheet.pick("bypassed", "plain", "split", "direct", weights=(4, 2, 2, 1))
    if kind == "split":
        middle = sheet.net("e")
        sheet.r(node, middle, _e12(sheet, 22, 220))
        sheet.r(middle, rail, _e12(sheet, 330, 2.2e3))
        sheet.c(middle, rail, sheet.log(10e-6, 470e-6))
        return
    sheet.r(node, rail, _e12(sheet, 220, 4.7e3) if kind != "direct" else 1.0)
    if kind == "bypassed":
        sheet.c(node, rail, sheet.log(10e-6, 470e-6))


def _stage(sheet: Sheet, side: Polarity, node: str, *, coupled: bool) -> str:
    """One stage; returns its output."""
    rail, far = sheet.rail(side), sheet.rail(OTHER[side])
    kind = sheet.pick(
        "common_emitter", "follower", "common_base", "cascode", "darlington", "jfet", "mosfet",
        "bootstrap", "sziklai", weights=(6, 3, 1, 1.5, 1, 1.5, 1.5, 0.7, 0.7),
    )  # fmt: skip
    base, out, emitter = sheet.net("b"), sheet.net("c"), sheet.net("e")
    if kind == "common_base":
        coupling(sheet, node, emitter)
        sheet.bjt(side, out, base, emitter)
        bias_base(sheet, side, base, out)
        sheet.c(base, rail, sheet.log(1e-6, 100e-6))
        sheet.r(emitter, rail, _e12(sheet, 220, 4.7e3))
        sheet.r(far, out, _e12(sheet, 1e3, 10e3))
        return out
    if coupled:
        coupling(sheet, node, base)
        if kind in ("jfet",):
            sheet.r(base, rail, _e12(sheet, 1e5, 2e6))
        elif kind != "bootstrap":
            bias_base(sheet, side, base, out if kind not in ("follower", "darlington") else far)
    else:
        base = node
    with sheet.block(kind):
        if kind in ("common_emitter", "mosfet", "jfet"):
            if kind == "common_emitter":
                sheet.bjt(side, out, base, emitter)
            elif kind == "jfet":
                sheet.add("jfet", (out, base, emitter), polarity=side)
            else:
                bulk = emitter
                sheet.mos(side, out, base, emitter, b=bulk, i=50)
            _emitter(sheet, side, emitter)
            sheet.r(far, out, _e12(sheet, 1e3, 10e3))
            if sheet.chance(0.1):
                sheet.c(base, out, sheet.log(10e-12, 1e-9))
        elif kind == "follower":
            sheet.bjt(side, far, base, emitter)
            sheet.r(emitter, rail, _e12(sheet, 470, 10e3))
            out = emitter
        elif kind == "bootstrap":
            tap = sheet.net("bs")
            sheet.r(far, tap, _e12(sheet, 20e3, 100e3))
            sheet.r(tap, rail, _e12(sheet, 20e3, 100e3))
            sheet.r(tap, base, _e12(sheet, 10e3, 100e3))
            sheet.bjt(side, far, base, emitter)
            sheet.r(emitter, rail, _e12(sheet, 470, 10e3))
            sheet.c(emitter, tap, sheet.log(1e-6, 100e-6))
            out = emitter
        elif kind == "cascode":
            upper, middle = sheet.net("ub"), sheet.net("cc")
            sheet.bjt(side, middle, base, emitter)
            sheet.bjt(side, out, upper, middle)
            sheet.r(far, upper, _e12(sheet, 10e3, 47e3))
            sheet.r(upper, base if sheet.chance(0.3) else rail, _e12(sheet, 10e3, 47e3))
            sheet.c(upper, rail, sheet.log(1e-6, 100e-6))
            _emitter(sheet, side, emitter)
            sheet.r(far, out, _e12(sheet, 1e3, 10e3))
        elif kind == "darlington":
            middle = sheet.net("dl")
            sheet.bjt(side, far, base, middle)
            sheet.bjt(side, far, middle, emitter)
            sheet.r(emitter, rail, _e12(sheet, 100, 4.7e3))
            if sheet.chance(0.4):
                sheet.r(middle, emitter, _e12(sheet, 1e3, 47e3))
            out = emitter
        else:
            turn = sheet.net("sz")
            sheet.bjt(side, turn, base, emitter)
            sheet.bjt(OTHER[side], emitter, turn, far)
            sheet.r(far, turn, _e12(sheet, 470, 4.7e3))
            sheet.r(emitter, rail, _e12(sheet, 470, 10e3))
            out = emitter
    return out


def transistor_amplifier(sheet: Sheet) -> None:
    """One to four stages, coupled by capacitors or directly, with feedback now and then."""
    node = sheet.port("input", "in", volts=0.0)
    if sheet.chance(0.3):
        middle = sheet.net("src")
        sheet.r(node, middle, _e12(sheet, 50, 10e3))
        node = middle
    count = int(sheet.pick("1", "2", "3", "4", weights=(2, 4, 2, 1)))
    feet: list[str] = []
    for at in range(count):
        side: Polarity = "n" if sheet.chance(0.8) else "p"
        node = _stage(sheet, side, node, coupled=at == 0 or sheet.chance(0.6))
        feet.append(node)
    out = sheet.port("output", "out")
    kind = sheet.pick("coupled", "push_pull", "direct", weights=(5, 3, 1))
    if kind == "push_pull":
        final = output_pair(sheet, node)
        coupling(sheet, final, out)
    elif kind == "coupled":
        coupling(sheet, node, out)
    else:
        sheet.r(node, out, _e12(sheet, 10, 1e3))
    sheet.r(out, sheet.ground, _e12(sheet, 8, 100e3))
    if count > 1 and sheet.chance(0.35):
        start = (
            feet[0]
            if count > 2
            else next(p.nets[2] for p in sheet.parts if p.kind in ("bipolar", "jfet", "mosfet"))
        )
        if sheet.chance(0.5):
            sheet.r(node, start, _e12(sheet, 1e3, 100e3))
        else:
            middle = sheet.net("fb")
            sheet.r(node, middle, _e12(sheet, 1e3, 100e3))
            sheet.c(middle, start, sheet.log(1e-9, 10e-6))
    decoupling(sheet)


def decoupling(sheet: Sheet) -> None:
    """Capacitors across the supplies."""
    if sheet.chance(0.4):
        for _ in range(sheet.number(1, 2)):
            sheet.c(sheet.vdd, sheet.ground, sheet.log(10e-9, 1e-3))
        if sheet.dual:
            sheet.c(sheet.ground, sheet.vss, sheet.log(10e-9, 1e-3))


def output_pair(sheet: Sheet, node: str) -> str:
    """A complementary output stage with its bias; returns its output."""
    out = sheet.net("o")
    kind = sheet.pick("diodes", "multiplier", "class_b", "mosfets")
    with sheet.block("output_pair"):
        up, down = sheet.net("u"), sheet.net("d")
        if kind == "class_b":
            up = down = node
        else:
            sheet.r(sheet.vdd, up, _e12(sheet, 470, 10e3))
            sheet.r(down, sheet.vss, _e12(sheet, 470, 10e3))
            if kind == "multiplier":
                tap = sheet.net("vm")
                sheet.bjt("n", up, tap, down)
                sheet.r(up, tap, _e12(sheet, 470, 2e3))
                sheet.r(tap, down, _e12(sheet, 470, 2e3))
                sheet.r(node, down, 1.0) if sheet.chance(0.5) else sheet.r(node, up, 1.0)
            elif sheet.chance(0.6):
                sheet.d(up, node)
                sheet.d(node, down)
            else:
                middle = sheet.net("dd")
                sheet.d(up, middle)
                sheet.d(middle, down)
                sheet.c(node, middle, 1e-6)
        degenerated = sheet.chance(0.5)
        for side, gate in (("n", up), ("p", down)):
            foot = sheet.net("re") if degenerated else out
            polarity: Polarity = "n" if side == "n" else "p"
            if kind == "mosfets":
                sheet.mos(polarity, sheet.rail(OTHER[polarity]), gate, foot, b=foot, i=100)
            elif sheet.chance(0.2):
                middle = sheet.net("dl")
                sheet.bjt(polarity, sheet.rail(OTHER[polarity]), gate, middle)
                sheet.bjt(polarity, sheet.rail(OTHER[polarity]), middle, foot)
            else:
                sheet.bjt(polarity, sheet.rail(OTHER[polarity]), gate, foot)
            if degenerated:
                sheet.r(foot, out, _e12(sheet, 0.1, 10))
    return out


def audio_power(sheet: Sheet) -> None:
    """The classic power amplifier: input pair, voltage amplifier, complementary output."""
    ground = sheet.ground
    data = sheet.port("input", "in", volts=sheet.supply_v / 2)
    out = sheet.port("output", "out")
    base, minus = sheet.net("b"), sheet.net("fb")
    coupling(sheet, data, base)
    if sheet.dual:
        sheet.r(base, ground, _e12(sheet, 10e3, 100e3))
    else:
        sheet.r(sheet.vdd, base, 47e3)
        sheet.r(base, sheet.vss, 47e3)
    side: Polarity = sheet.polarity()
    other = OTHER[side]
    rail, far = sheet.rail(side), sheet.rail(other)
    tail, left, right, stage = sheet.net("t"), sheet.net("l"), sheet.net("r"), sheet.net("v")
    with sheet.block("input_pair"):
        for drain, gate in ((left, base), (right, minus)):
            foot = tail
            if sheet.chance(0.3):
                foot = sheet.net("re")
                sheet.r(foot, tail, 100)
            sheet.bjt(side, drain, gate, foot)
        if sheet.chance(0.5):
            sheet.r(tail, rail, _e12(sheet, 1e3, 20e3))
        else:
            gate, foot = sheet.net("cb"), sheet.net("ce")
            sheet.bjt(side, tail, gate, foot)
            sheet.r(foot, rail, _e12(sheet, 220, 1e3))
            ends = (gate, rail) if side == "n" else (rail, gate)
            middle = sheet.net("dd")
            sheet.d(ends[0], middle)
            sheet.d(middle, ends[1])
            sheet.r(far, gate, _e12(sheet, 10e3, 47e3))
        if sheet.chance(0.5):
            sheet.bjt(other, left, right, far)
            sheet.bjt(other, right, right, far)
        else:
            sheet.r(far, left, _e12(sheet, 470, 4.7e3))
            if sheet.chance(0.5):
                sheet.r(far, right, _e12(sheet, 470, 4.7e3))
            else:
                sheet.r(far, right, 1.0)
    with sheet.block("voltage_amplifier"):
        foot = far
        if sheet.chance(0.4):
            foot = sheet.net("ve")
            sheet.r(far, foot, _e12(sheet, 22, 220))
        sheet.bjt(other, stage, left, foot)
        sheet.c(left, stage, sheet.log(10e-12, 220e-12))
    final = output_pair(sheet, stage)
    inductive = sheet.chance(0.2)
    speaker = out
    if not sheet.dual:
        coupling(sheet, final, speaker)
    elif inductive:
        sheet.l(final, speaker, 1e-6)
        sheet.r(final, speaker, 10)
    else:
        sheet.r(final, speaker, 0.1)
    sheet.r(speaker, ground, 8)
    with sheet.block("feedback"):
        sheet.r(final, minus, _e12(sheet, 10e3, 100e3))
        foot = sheet.net("ff")
        sheet.r(minus, foot, _e12(sheet, 470, 4.7e3))
        sheet.c(foot, ground, sheet.log(1e-6, 220e-6))
        if sheet.chance(0.3):
            sheet.c(final, minus, sheet.log(10e-12, 220e-12))
    if sheet.chance(0.4):
        zobel = sheet.net("z")
        sheet.r(final, zobel, 10)
        sheet.c(zobel, ground, 100e-9)
    decoupling(sheet)


def multivibrator(sheet: Sheet) -> None:
    """Astable, monostable and bistable pairs; logic of resistors and transistors; blinkers."""
    kind = sheet.pick("astable", "monostable", "bistable", "rtl", "schmitt", "complementary")
    side: Polarity = "n"
    rail, far = sheet.vss, sheet.vdd
    nets = sheet.port("output", "out"), sheet.net("c")
    bases = sheet.net("b"), sheet.net("b")
    if kind == "rtl":
        count = sheet.number(2, 4)
        out = nets[0]
        sheet.r(far, out, 1e3)
        for _ in range(count):
            data, base = sheet.port("input", "in", volts=0.0), sheet.net("b")
            sheet.r(data, base, _e12(sheet, 1e3, 47e3))
            sheet.bjt(side, out, base, rail)
            if sheet.chance(0.3):
                sheet.r(base, rail, _e12(sheet, 10e3, 100e3))
            if sheet.chance(0.3):
                sheet.c(data, base, sheet.log(10e-12, 1e-9))
        for _ in range(sheet.number(0, 2)):
            driven_load(sheet, out)
        return
    foot = rail
    if kind == "schmitt":
        foot = sheet.net("e")
        sheet.r(foot, rail, _e12(sheet, 47, 1e3))
    fets = sheet.chance(0.15)
    for at in (0, 1):
        if kind == "complementary" and at:
            sheet.bjt("p", nets[1], bases[1], far)
            sheet.r(nets[1], rail, _e12(sheet, 470, 10e3))
            continue
        if fets:
            sheet.mos(side, nets[at], bases[at], foot, i=50)
        else:
            sheet.bjt(side, nets[at], bases[at], foot)
        load = far
        if sheet.chance(0.25):
            load = sheet.net("led")
            sheet.d(far, load, "led")
        sheet.r(load, nets[at], _e12(sheet, 220, 10e3))
    if kind == "complementary":
        sheet.r(nets[0], bases[1], _e12(sheet, 1e3, 47e3))
        middle = sheet.net("t")
        sheet.c(nets[1], middle, sheet.log(1e-9, 100e-6))
        sheet.r(middle, bases[0], _e12(sheet, 1e3, 47e3))
        sheet.r(far, bases[0], _e12(sheet, 1e5, 1e6))
        for _ in range(sheet.number(0, 2)):
            driven_load(sheet, nets[1])
        decoupling(sheet)
        return
    for at in (0, 1):
        source = nets[1 - at]
        if kind == "astable" or (kind == "monostable" and at == 0):
            sheet.c(source, bases[at], sheet.log(1e-9, 100e-6))
            sheet.r(far, bases[at], _e12(sheet, 10e3, 470e3))
            if sheet.chance(0.2):
                sheet.d(rail, bases[at])
        elif kind == "schmitt" and at == 0:
            data = sheet.port("input", "in", volts=0.0)
            sheet.r(data, bases[0], _e12(sheet, 1e3, 47e3))
        else:
            sheet.r(source, bases[at], _e12(sheet, 4.7e3, 100e3))
            sheet.r(bases[at], rail, _e12(sheet, 10e3, 100e3))
            if sheet.chance(0.3):
                sheet.c(source, bases[at], sheet.log(10e-12, 1e-9))
    if kind in ("monostable", "bistable"):
        for at in range(sheet.number(1, 2)):
            trigger, middle = sheet.port("input", "trig", volts=0.0), sheet.net("t")
            sheet.c(trigger, middle, sheet.log(100e-12, 100e-9))
            sheet.d(middle, bases[at])
            sheet.r(middle, rail, _e12(sheet, 1e3, 100e3))
    for _ in range(sheet.number(0, 2)):
        driven_load(sheet, nets[sheet.number(0, 1)])
    decoupling(sheet)


def driven_load(sheet: Sheet, node: str) -> None:
    """A transistor that a logic level switches, with a light, a speaker or a coil."""
    base, end = sheet.net("b"), sheet.net("c")
    side: Polarity = "n" if sheet.chance(0.7) else "p"
    rail, far = sheet.rail(side), sheet.rail(OTHER[side])
    with sheet.block("driver"):
        if sheet.chance(0.25):
            sheet.c(node, base, sheet.log(1e-9, 10e-6))
            sheet.r(base, rail, _e12(sheet, 1e3, 100e3))
        else:
            sheet.r(node, base, _e12(sheet, 1e3, 47e3))
            if sheet.chance(0.4):
                sheet.r(base, rail, _e12(sheet, 4.7e3, 100e3))
        sheet.bjt(side, end, base, rail)
        load = sheet.pick("light", "speaker", "coil", "follower")
        ends = (far, end) if side == "n" else (end, far)
        if load == "light":
            middle = sheet.net("led")
            sheet.r(ends[0], middle, _e12(sheet, 100, 1e3))
            sheet.d(middle, ends[1], "led")
        elif load == "coil":
            sheet.l(*ends, 1e-3)
            sheet.d(*reversed(ends))
        else:
            sheet.r(*ends, _e12(sheet, 8, 1e3))
            if load == "follower":
                out = sheet.port("output", "out")
                sheet.bjt(side, far, end, out)
                sheet.r(out, rail, _e12(sheet, 100, 1e3))
