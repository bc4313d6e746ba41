"""Power circuits: supplies, converters, drivers of loads, protection, lights."""

from __future__ import annotations

from typing import Final

from eda.datasets.generator.sheet import Sheet

THREE_PIN: Final = ("LM7805", "LM7812", "L78L05", "AMS1117-33", "LT1117", "LP2950", "MCP1700")
ADJUSTABLE: Final = ("LM317", "LT1086", "LT3080", "LM1117")
DRIVERS: Final = ("IR2104", "TC4427", "UCC27517", "LTC4440")


def _decouple(sheet: Sheet, net: str, low: str) -> None:
    for _ in range(sheet.number(1, 3)):
        if sheet.chance(0.12):
            middle = sheet.net("esr")
            sheet.c(net, middle, sheet.log(1e-6, 1e-3))
            sheet.r(middle, low, sheet.log(0.01, 1))
        else:
            sheet.c(net, low, sheet.log(10e-9, 1e-3))


def _light(sheet: Sheet, net: str, low: str) -> None:
    middle = sheet.net("led")
    if sheet.chance(0.5):
        sheet.r(net, middle, sheet.log(220, 4.7e3))
        sheet.d(middle, low, "led")
    else:
        sheet.d(net, middle, "led")
        sheet.r(middle, low, sheet.log(220, 4.7e3))


def linear_supply(sheet: Sheet) -> None:
    """A supply: rectifier, reservoir, regulator of one kind or another, load."""
    low = sheet.vss
    raw = sheet.vdd
    out = sheet.port("output", "out")
    if sheet.chance(0.45):
        raw = _rectifier(sheet, low)
    elif sheet.chance(0.5):
        guarded = sheet.net("vin")
        with sheet.block("protection"):
            style = sheet.pick("diode", "fuse", "pmos", "tvs")
            if style == "diode":
                sheet.d(raw, guarded, "rectifier")
            elif style == "pmos":
                gate = sheet.net("g")
                sheet.mos("p", raw, gate, guarded, b=guarded, i=100)
                sheet.r(gate, low, 1e5)
                if sheet.chance(0.5):
                    sheet.d(gate, guarded, "zener")
            else:
                sheet.r(raw, guarded, 0.1)
                if style == "tvs":
                    sheet.d(low, guarded, "zener")
        raw = guarded
    with sheet.block("input"):
        _decouple(sheet, raw, low)
    kind = sheet.pick("three_pin", "adjustable", "zener", "follower", "series", "shunt", "charger")
    with sheet.block("regulator"):
        if kind == "three_pin":
            model = THREE_PIN[sheet.number(0, len(THREE_PIN) - 1)]
            foot = low
            if sheet.chance(0.2):
                foot = sheet.net("lift")
                sheet.d(foot, low)
                sheet.r(out, foot, 1e3)
            if sheet.chance(0.5):
                sheet.box(model, **{"in": raw, "gnd": foot, "out": out})
            else:
                sheet.box(model, **{"gnd": foot, "out": out, "in": raw})
            if sheet.chance(0.25):
                sheet.d(out, raw, "rectifier")
        elif kind in ("adjustable", "charger"):
            model = ADJUSTABLE[sheet.number(0, len(ADJUSTABLE) - 1)]
            adjust = sheet.net("adj")
            end = out if kind == "adjustable" else sheet.net("cc")
            if sheet.chance(0.5):
                sheet.box(model, **{"in": raw, "adj": adjust, "out": end})
            else:
                sheet.box(model, adj=adjust, out=end, **{"in": raw})
            if kind == "charger":
                sheet.r(end, out, sheet.log(0.5, 50))
                sheet.r(adjust, out, 1.0)
            else:
                sheet.r(out, adjust, 240)
                sheet.r(adjust, low, sheet.log(470, 4.7e3))
                if sheet.chance(0.4):
                    sheet.c(adjust, low, 10e-6)
                if sheet.chance(0.3):
                    sheet.d(adjust, out)
                if sheet.chance(0.3):
                    sheet.d(out, raw, "rectifier")
        elif kind == "zener":
            sheet.r(raw, out, sheet.log(100, 2e3))
            sheet.d(low, out, "zener")
        elif kind == "shunt":
            reference, base = sheet.net("ref"), sheet.net("b")
            sheet.r(raw, out, sheet.log(100, 2e3))
            sheet.r(out, reference, 10e3)
            sheet.r(reference, low, 10e3)
            sheet.bjt("n", base, reference, low)
            sheet.r(out, base, 1e3)
            sheet.bjt("p", low, base, out)
        else:
            base = sheet.net("b")
            sheet.r(raw, base, sheet.log(470, 10e3))
            if sheet.chance(0.3):
                middle = sheet.net("dl")
                sheet.bjt("n", raw, base, middle)
                sheet.bjt("n", raw, middle, out)
            elif sheet.chance(0.2):
                sheet.mos("n", raw, base, out, b=out, i=100)
            else:
                sheet.bjt("n", raw, base, out)
            if kind == "follower":
                sheet.d(low, base, "zener")
                if sheet.chance(0.5):
                    sheet.c(base, low, 10e-6)
            else:
                sense, foot = sheet.net("sn"), sheet.net("z")
                sheet.r(out, sense, sheet.log(1e3, 10e3))
                sheet.r(sense, low, sheet.log(1e3, 10e3))
                sheet.bjt("n", base, sense, foot)
                sheet.d(low, foot, "zener")
                sheet.r(out, foot, 1e3)
            if sheet.chance(0.25):
                end, limit = sheet.port("output", "out"), sheet.net("lim")
                sheet.r(out, end, 0.5)
                sheet.r(out, limit, 100)
                sheet.bjt("n", base, limit, end)
    with sheet.block("output"):
        _decouple(sheet, out, low)
        if sheet.chance(0.5):
            sheet.r(out, low, sheet.log(10, 10e3))
        if sheet.chance(0.3):
            _light(sheet, out, low)


def _rectifier(sheet: Sheet, low: str) -> str:
    """Rectify an alternating input; returns the raw supply."""
    raw = sheet.net("raw")
    kind = sheet.pick("bridge", "half", "centre", "doubler")
    with sheet.block("rectifier"):
        a = sheet.port("input", "ac1", volts=sheet.supply_v)
        if sheet.chance(0.4):
            inner = sheet.net("sec")
            sheet.r(a, inner, 0.5)
            a = inner
        if kind == "half":
            sheet.d(a, raw, "rectifier")
        elif kind == "doubler":
            middle = sheet.net("dbl")
            sheet.c(a, middle, 100e-6)
            sheet.d(low, middle, "rectifier")
            sheet.d(middle, raw, "rectifier")
        else:
            b = sheet.port("input", "ac2", volts=0.0)
            for net in (a, b):
                sheet.d(net, raw, "rectifier")
                if kind == "bridge":
                    sheet.d(low, net, "rectifier")
        if sheet.chance(0.2):
            filtered = sheet.net("pi")
            sheet.c(raw, low, 470e-6)
            (sheet.l if sheet.chance(0.5) else sheet.r)(raw, filtered, 1.0)
            raw = filtered
    return raw


def switching_supply(sheet: Sheet) -> None:
    """Converters: buck, boost, and the others, with driver, snubber and divider."""
    low, high = sheet.vss, sheet.vdd
    kind = sheet.pick(
        "buck",
        "boost",
        "buck_boost",
        "sepic",
        "cuk",
        "sync",
        "half_bridge",
        "full_bridge",
        "flyback",
        "bootstrap",
    )
    out = sheet.port("output", "out")
    gate_port = sheet.port("clock", "pwm", volts=0.0)
    gate = gate_port
    with sheet.block("driver"):
        style = sheet.pick("direct", "resistor", "totem", "box", weights=(2, 3, 1, 1.5))
        if style == "resistor":
            gate = sheet.net("g")
            sheet.r(gate_port, gate, sheet.log(2, 100))
            if sheet.chance(0.3):
                sheet.d(gate, gate_port)
        elif style == "totem":
            middle, base = sheet.net("tp"), sheet.net("tb")
            gate = sheet.net("g")
            sheet.r(gate_port, base, 470)
            sheet.bjt("n", high, base, middle)
            sheet.bjt("p", low, base, middle)
            sheet.r(middle, gate, 10)
        elif style == "box":
            gate, inner = sheet.net("g"), sheet.net("drv")
            sheet.box(
                DRIVERS[sheet.number(0, 3)], vcc=high, **{"in": gate_port}, gnd=low, out=inner
            )
            sheet.r(inner, gate, 10)
        if sheet.chance(0.4):
            sheet.r(gate, low, 10e3)
    node = sheet.net("sw")

    def switch(side: str, d: str, g: str, s: str) -> None:
        sheet.mos(side, d, g, s, b=s, i=200)
        if sheet.chance(0.2):
            sheet.d(*((s, d) if side == "n" else (d, s)), "rectifier")

    with sheet.block("power_stage"):
        if kind in ("buck", "sync", "bootstrap"):
            if kind == "bootstrap":
                boot = sheet.net("boot")
                sheet.c(boot, node, 100e-9)
                sheet.d(high, boot)
                top = sheet.net("hg")
                sheet.r(boot, top, 1e3)
                sheet.mos("n", top, gate, low, b=low, i=10)
                switch("n", high, top, node)
            else:
                switch("p", node, gate, high)
            if kind == "sync":
                switch(
                    "n",
                    node,
                    gate
                    if sheet.chance(0.5)
                    else sheet.port("clock", "pwm2", volts=sheet.supply_v),
                    low,
                )
            else:
                sheet.d(low, node, "rectifier")
            sheet.l(node, out, sheet.log(1e-6, 1e-3))
        elif kind == "boost":
            sheet.l(high, node, sheet.log(1e-6, 1e-3))
            switch("n", node, gate, low)
            sheet.d(node, out, "rectifier")
        elif kind == "buck_boost":
            switch("p", node, gate, high)
            sheet.l(node, low, sheet.log(1e-6, 1e-3))
            sheet.d(out, node, "rectifier")
        elif kind in ("sepic", "cuk"):
            other = sheet.net("x")
            sheet.l(high, node, sheet.log(1e-6, 1e-3))
            switch("n", node, gate, low)
            sheet.c(node, other, sheet.log(1e-6, 1e-4))
            if kind == "sepic":
                sheet.l(other, low, sheet.log(1e-6, 1e-3))
                sheet.d(other, out, "rectifier")
            else:
                sheet.d(other, low, "rectifier")
                sheet.l(other, out, sheet.log(1e-6, 1e-3))
        elif kind == "flyback":
            second = sheet.net("sec")
            sheet.l(high, node, 1e-4)
            switch("n", node, gate, low)
            sheet.l(second, low, 1e-4)
            sheet.d(second, out, "rectifier")
            clamp = sheet.net("cl")
            sheet.d(node, clamp)
            sheet.r(clamp, high, 10e3)
            sheet.c(clamp, high, 10e-9)
        else:
            nodes = [node] if kind == "half_bridge" else [node, sheet.net("sw")]
            for at, net in enumerate(nodes):
                upper = (
                    sheet.port("clock", "hi", volts=sheet.supply_v)
                    if at or kind == "half_bridge"
                    else gate
                )
                lower = gate if kind == "half_bridge" else sheet.port("clock", "lo", volts=0.0)
                switch("p", net, upper, high)
                switch("n", net, lower, low)
            if kind == "half_bridge":
                sheet.l(node, out, 1e-5)
            else:
                middle = sheet.net("mot")
                sheet.r(node, middle, 1.0)
                sheet.l(middle, nodes[1], 1e-3)
                sheet.r(nodes[1], out, 1e3)
    if sheet.chance(0.35):
        with sheet.block("snubber"):
            middle = sheet.net("sn")
            sheet.r(node, middle, sheet.log(1, 100))
            sheet.c(middle, low if sheet.chance(0.7) else high, sheet.log(100e-12, 10e-9))
    with sheet.block("output"):
        _decouple(sheet, out, low)
        if sheet.chance(0.7):
            sheet.r(out, low, sheet.log(1, 1e3))
        if sheet.chance(0.4):
            back = sheet.port("output", "fb")
            sheet.r(out, back, sheet.log(10e3, 100e3))
            sheet.r(back, low, sheet.log(10e3, 100e3))
            if sheet.chance(0.3):
                sheet.c(out, back, 100e-12)
    if sheet.chance(0.5):
        with sheet.block("input"):
            _decouple(sheet, high, low)


def load_driver(sheet: Sheet) -> None:
    """Switches of loads: relays, motors, lights, with flyback diodes, level by level."""
    low, high = sheet.vss, sheet.vdd
    channels = sheet.number(1, 3)
    for _ in range(channels):
        data = sheet.port("input", "in", volts=0.0)
        node, gate = sheet.net("ld"), sheet.net("g")
        kind = sheet.pick("nmos", "npn", "darlington", "high_side", "opto", "tail", "latch")
        with sheet.block("switch"):
            sheet.r(data, gate, sheet.log(10, 10e3))
            if sheet.chance(0.6):
                sheet.r(gate, low, sheet.log(4.7e3, 100e3))
            if sheet.chance(0.15):
                sheet.d(low, gate, "zener")
            if kind == "nmos":
                sheet.mos("n", node, gate, low, b=low, i=200)
            elif kind == "npn":
                sheet.bjt("n", node, gate, low)
            elif kind == "darlington":
                middle = sheet.net("dl")
                sheet.bjt("n", node, gate, middle)
                sheet.bjt("n", node, middle, low)
                if sheet.chance(0.5):
                    sheet.r(middle, low, 1e3)
            elif kind in ("high_side", "latch"):
                upper = sheet.net("ug")
                if sheet.chance(0.5):
                    sheet.bjt("n", upper, gate, low)
                else:
                    sheet.mos("n", upper, gate, low, b=low, i=10)
                if sheet.chance(0.5):
                    sheet.mos("p", node, upper, high, b=high, i=200)
                    sheet.r(high, upper, sheet.log(1e3, 100e3))
                else:
                    base = sheet.net("ub")
                    sheet.r(upper, base, 1e3)
                    sheet.bjt("p", node, base, high)
                    sheet.r(high, base, 10e3)
                if kind == "latch":
                    sheet.r(node, gate, 47e3)
            elif kind == "opto":
                middle, base = sheet.net("ol"), sheet.net("ob")
                sheet.d(gate, middle, "led")
                sheet.r(middle, low, 330)
                sheet.r(middle, base, 10e3)
                sheet.bjt("n", node, base, low)
            else:
                foot = sheet.net("sn")
                sheet.bjt("n", node, gate, foot)
                sheet.r(foot, low, sheet.log(1, 100))
                if sheet.chance(0.6):
                    sheet.bjt("n", gate, foot, low)
        up = kind in ("high_side", "latch")
        far = low if up else high
        with sheet.block("load"):
            load = sheet.pick("relay", "led", "motor", "resistor", "leds")
            if load in ("relay", "motor"):
                middle = sheet.net("coil")
                sheet.l(far, middle, sheet.log(1e-3, 1.0))
                sheet.r(middle, node, sheet.log(5, 500))
                ends = (far, node) if up else (node, far)
                if sheet.chance(0.85):
                    if sheet.chance(0.2):
                        clamp = sheet.net("cz")
                        sheet.d(ends[0], clamp, "rectifier")
                        sheet.d(ends[1], clamp, "zener")
                    else:
                        sheet.d(*ends, "rectifier")
                if load == "motor":
                    sheet.c(far, node, 100e-9)
            elif load == "resistor":
                sheet.r(far, node, sheet.log(1, 1e3))
            else:
                above, below = (node, far) if up else (far, node)
                count = 1 if load == "led" else sheet.number(2, 4)
                sheet_net = sheet.net("lr")
                sheet.r(above, sheet_net, sheet.log(47, 2.2e3))
                for at in range(count):
                    following = below if at == count - 1 else sheet.net("ls")
                    sheet.d(sheet_net, following, "led")
                    sheet_net = following
        sheet.port("output", "out", net=node)
    if sheet.chance(0.5):
        _decouple(sheet, high, low)
