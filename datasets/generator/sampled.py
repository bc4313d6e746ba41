"""Sampled-data circuits: switches, sample and hold, switched capacitors, converters."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.comparators import preamplifier
from eda.datasets.generator.gates import transmission_gate
from eda.datasets.generator.opamps import gain_core, inverter
from eda.datasets.generator.sheet import Sheet
from eda.datasets.generator.stages import follower


class Phases:
    """Two clock phases and their inverses, made when they are first used."""

    def __init__(self, sheet: Sheet) -> None:
        """Start with no phase drawn."""
        self.sheet = sheet
        self.both = sheet.chance(0.5)
        self._nets: dict[str, str] = {}

    def get(self, name: str) -> str:
        """Return the net of phase ``1`` or ``2``, or of its inverse (``1b``)."""
        if name not in self._nets:
            sheet = self.sheet
            level = sheet.supply_v if name in ("1", "2b") else 0.0
            if name.endswith("b") and self.both:
                self._nets[name] = sheet.net("ckb")
                inverter(sheet, self.get(name[:-1]), self._nets[name])
            else:
                hint = f"phi{name}" if sheet.chance(0.5) else ("ckb" if "b" in name else "ck")
                self._nets[name] = sheet.port("clock", hint, volts=level)
        return self._nets[name]

    def switch(self, a: str, b: str, name: str) -> None:
        """Place a switch that is closed in a phase, in one of four ways."""
        sheet = self.sheet
        kind = sheet.pick("n", "tg", "dummy", "p", weights=(4, 3, 1, 0.5))
        if kind == "tg":
            transmission_gate(sheet, a, b, self.get(name), self.get(f"{name}b"))
        elif kind == "p":
            sheet.switch("p", a, self.get(f"{name}b"), b)
        else:
            sheet.switch("n", a, self.get(name), b)
            if kind == "dummy":
                sheet.switch("n", b, self.get(f"{name}b"), b)


def sample_hold(sheet: Sheet) -> None:
    """Sample and hold circuits, open and closed loop, plain and bootstrapped."""
    phases = Phases(sheet)
    bias = Bias(sheet)
    data = sheet.port("input", "in", volts=sheet.supply_v / 2)
    out = sheet.port("output", "out")
    held = sheet.net("hold")
    kind = sheet.pick("open", "buffered", "closed", "flip", "bootstrapped", "differential")
    source = data
    if sheet.chance(0.3):
        source = sheet.net("ib")
        with sheet.block("input_buffer"):
            follower(sheet, bias, data, source)
    if kind in ("open", "buffered"):
        phases.switch(source, held, "1")
        sheet.c(held, sheet.vss, sheet.log(50e-15, 5e-12))
        if kind == "open":
            with sheet.block("buffer"):
                follower(sheet, bias, held, out)
        else:
            with sheet.block("buffer"):
                gain_core(sheet, bias, held, out, out)
    elif kind == "closed":
        inner = sheet.net("a")
        with sheet.block("amplifier"):
            gain_core(sheet, bias, source, out, inner, stages=(1, 1, 0))
        phases.switch(inner, held, "1")
        sheet.c(held, sheet.vss, sheet.log(50e-15, 5e-12))
        with sheet.block("buffer"):
            gain_core(sheet, bias, held, out, out, stages=(2, 1, 0))
    elif kind == "flip":
        left, virtual = sheet.net("l"), sheet.net("x")
        common = sheet.port("bias", "vcm", volts=sheet.supply_v / 2)
        phases.switch(source, left, "1")
        phases.switch(left, out, "2")
        phases.switch(virtual, out, "1")
        sheet.c(left, virtual, sheet.log(50e-15, 5e-12))
        with sheet.block("amplifier"):
            gain_core(sheet, bias, common, virtual, out, stages=(3, 2, 0))
    elif kind == "bootstrapped":
        bootstrapped_switch(sheet, phases, source, held)
        sheet.c(held, sheet.vss, sheet.log(50e-15, 5e-12))
        with sheet.block("buffer"):
            follower(sheet, bias, held, out)
    else:
        other = sheet.port("input", "inn", volts=sheet.supply_v / 2)
        for net, end in ((source, out), (other, sheet.port("output", "outn"))):
            inner = sheet.net("h")
            phases.switch(net, inner, "1")
            sheet.c(inner, sheet.vss, sheet.log(50e-15, 5e-12))
            with sheet.block("buffer"):
                follower(sheet, bias, inner, end)
            if sheet.chance(0.3):
                phases.switch(inner, sheet.vss, "2")


def bootstrapped_switch(sheet: Sheet, phases: Phases, source: str, held: str) -> None:
    """A switch whose gate is kept a supply above its input."""
    on, off = phases.get("1"), phases.get("1b")
    gate, top, bottom = sheet.net("gt"), sheet.net("bt"), sheet.net("bb")
    with sheet.block("bootstrap"):
        sheet.switch("n", source, gate, held)
        sheet.c(top, bottom, sheet.log(0.2e-12, 2e-12))
        sheet.switch("n", bottom, off, sheet.vss)
        sheet.switch("n", bottom, gate, source)
        sheet.switch("p", top, gate, sheet.vdd, b=top)
        drive = sheet.net("gd")
        sheet.switch("p", gate, drive, top, b=top)
        sheet.switch("p", drive, on, sheet.vdd)
        sheet.switch("n", drive, on, bottom)
        if sheet.chance(0.6):
            sheet.switch("n", drive, gate, bottom)
        middle = sheet.net("gm")
        sheet.switch("n", gate, sheet.vdd, middle)
        sheet.switch("n", middle, off, sheet.vss)


def switched_capacitor(sheet: Sheet) -> None:
    """Integrators, amplifiers and biquads of switched capacitors."""
    phases = Phases(sheet)
    bias = Bias(sheet)
    box = sheet.chance(0.25)
    common = sheet.port("bias", "vcm", volts=sheet.supply_v / 2)
    node = sheet.port("input", "in", volts=sheet.supply_v / 2)
    stages = sheet.number(1, 3)
    outs: list[str] = []
    for at in range(stages):
        out = sheet.port("output", "out") if at == stages - 1 else sheet.net("v")
        virtual = sheet.net("x")
        with sheet.block("integrator"):
            _branch(sheet, phases, node, virtual, common)
            if outs and at == 1 and sheet.chance(0.6):
                _branch(sheet, phases, out, _virtual_of(sheet, outs[0]), common)
            kind = sheet.pick("integrate", "damped", "reset", "gain")
            sheet.c(virtual, out, sheet.log(0.1e-12, 5e-12))
            if kind == "damped":
                _branch(sheet, phases, out, virtual, common)
            elif kind in ("reset", "gain"):
                phases.switch(virtual, out, "1")
            else:
                sheet.r(virtual, out, 1e9)
            with sheet.block("amplifier"):
                if box:
                    sheet.box("opamp", inp=common, inn=virtual, out=out)
                else:
                    gain_core(sheet, bias, common, virtual, out, stages=(3, 2, 0))
        outs.append(out)
        node = out


def _virtual_of(sheet: Sheet, out: str) -> str:
    return next(p.nets[0] for p in sheet.parts if p.kind == "capacitor" and p.nets[1] == out)


def _branch(sheet: Sheet, phases: Phases, a: str, b: str, common: str) -> None:
    """A switched capacitor between two nets."""
    kind = sheet.pick("toggle", "inverting", "delaying", "bilinear", "plain")
    farads = sheet.log(20e-15, 1e-12)
    left, right = sheet.net("l"), sheet.net("r")
    if kind == "toggle":
        phases.switch(a, left, "1")
        phases.switch(left, b, "2")
        sheet.c(left, sheet.vss, farads)
    elif kind == "plain":
        sheet.c(a, b, farads)
    else:
        sheet.c(left, right, farads)
        first, second = ("1", "2") if kind == "delaying" else ("2", "1")
        phases.switch(a, left, "1")
        phases.switch(left, common if kind != "bilinear" else b, "2")
        phases.switch(right, common, first)
        phases.switch(right, b, second)


def converter(sheet: Sheet) -> None:
    """Digital-to-analog converters, resistor strings, and parts of analog-to-digital ones."""
    kind = sheet.pick(
        "r2r",
        "string",
        "steering",
        "capacitors",
        "flash",
        "thermometer",
        weights=(3, 2, 3, 3, 1, 2),
    )
    bits = sheet.number(2, 5)
    out = sheet.port("output", "out")
    bias = Bias(sheet)
    if kind == "r2r":
        ohms = sheet.log(1e3, 5e4)
        node = sheet.net("t")
        sheet.r(sheet.vss, node, 2 * ohms)
        for at in range(bits):
            bit = sheet.port("input", f"d{at}", volts=sheet.supply_v if sheet.chance(0.5) else 0.0)
            if sheet.chance(0.5):
                driven = sheet.net("s")
                inverter(sheet, bit, driven)
                bit = driven
            sheet.r(bit, node, 2 * ohms)
            following = out if at == bits - 1 else sheet.net("t")
            if at < bits - 1:
                sheet.r(node, following, ohms)
                node = following
            elif sheet.chance(0.5):
                with sheet.block("buffer"):
                    gain_core(sheet, bias, node, out, out, stages=(2, 1, 0))
            else:
                sheet.r(node, out, ohms)
    elif kind == "string":
        count = sheet.number(3, 8)
        node = sheet.vdd if sheet.chance(0.5) else sheet.port("bias", "vref", volts=1.2)
        bar_of: dict[str, str] = {}
        selects = [sheet.port("input", "s", volts=0.0) for _ in range(count)]
        for at in range(count):
            following = sheet.vss if at == count - 1 else sheet.net("t")
            sheet.r(node, following, sheet.log(200, 5e3))
            tap = node
            if tap not in (sheet.vdd, sheet.vss):
                if sheet.chance(0.5):
                    bar = bar_of[tap] = sheet.net("b")
                    inverter(sheet, selects[at], bar)
                    transmission_gate(sheet, tap, out, selects[at], bar)
                else:
                    sheet.switch("n", out, selects[at], tap)
            else:
                sheet.switch("n", out, selects[at], sheet.vss)
            node = following
    elif kind in ("steering", "thermometer"):
        side = sheet.polarity()
        other = sheet.port("output", "outn")
        far = sheet.vdd if side == "n" else sheet.vss
        for net in (out, other):
            sheet.r(far, net, sheet.log(50, 5e3))
        for at in range(bits):
            common = sheet.net("cs")
            bias.source(side, common, i=float(2**at if kind == "steering" else 1))
            bit = sheet.port("input", f"d{at}", volts=sheet.supply_v)
            if sheet.chance(0.6):
                bar = sheet.net("db")
                inverter(sheet, bit, bar)
            else:
                bar = sheet.port("input", f"db{at}", volts=0.0)
            sheet.switch(side, out, bit, common)
            sheet.switch(side, other, bar, common)
    elif kind == "capacitors":
        reference = sheet.port("bias", "vref", volts=1.2)
        phases = Phases(sheet)
        top = out
        for at in range(bits):
            bottom = sheet.net("c")
            sheet.c(top, bottom, 20e-15 * 2**at)
            bit = sheet.port("input", f"d{at}", volts=0.0)
            bar = sheet.net("db")
            inverter(sheet, bit, bar)
            style = sheet.pick("inv", "tg", "n")
            if style == "tg":
                transmission_gate(sheet, reference, bottom, bit, bar)
                sheet.switch("n", bottom, bar, sheet.vss)
            elif style == "n":
                sheet.switch("n", reference, bit, bottom)
                sheet.switch("n", bottom, bar, sheet.vss)
            else:
                sheet.switch("p", bottom, bit, reference)
                sheet.switch("n", bottom, bit, sheet.vss)
        phases.switch(top, sheet.port("input", "in", volts=0.9), "1")
        if sheet.chance(0.4):
            sheet.c(top, sheet.vss, 20e-15)
    else:
        del sheet.ports[out]
        count = sheet.number(2, 3)
        source = sheet.port("input", "in", volts=sheet.supply_v / 2)
        node = sheet.vdd
        for at in range(count + 1):
            following = sheet.vss if at == count else sheet.net("t")
            sheet.r(node, following, sheet.log(1e3, 1e4))
            if at < count:
                with sheet.block("comparator"):
                    digital = sheet.port("output", "d")
                    inner = sheet.net("c")
                    gain_core(sheet, bias, source, following, inner, stages=(2, 1, 0))
                    inverter(sheet, inner, digital)
            node = following


def switch_matrix(sheet: Sheet) -> None:
    """Analog switches and multiplexers, with drivers; choppers."""
    kind = sheet.pick("mux", "chopper", "matrix", "t_switch")
    if kind == "chopper":
        phases = Phases(sheet)
        ins = sheet.port("input", "inp", volts=1.0), sheet.port("input", "inn", volts=0.9)
        node = ins
        bias = Bias(sheet)
        for at in range(2):
            ends = sheet.net("p"), sheet.net("m")
            phases.switch(node[0], ends[0], "1")
            phases.switch(node[1], ends[1], "1")
            phases.switch(node[0], ends[1], "2")
            phases.switch(node[1], ends[0], "2")
            node = ends
            if at == 0:
                outs = sheet.net("a"), sheet.net("b")
                preamplifier(sheet, bias, node, outs)
                node = outs
        for name, net in zip(("outp", "outn"), node, strict=True):
            sheet.port("output", name, net=net)
            sheet.c(net, sheet.vss, sheet.log(0.1e-12, 5e-12))
        return
    ways = sheet.number(2, 5)
    out = sheet.port("output", "out")
    sources = [sheet.port("input", "in", volts=sheet.supply_v * 0.4) for _ in range(ways)]
    ends_of_all = [out, *([sheet.port("output", "out")] if kind == "matrix" else [])]
    for end in ends_of_all:
        for net in sources:
            select = sheet.port("input", "s", volts=sheet.supply_v)
            bar = sheet.net("sb")
            inverter(sheet, select, bar)
            if kind == "t_switch":
                middle = sheet.net("t")
                transmission_gate(sheet, net, middle, select, bar)
                transmission_gate(sheet, middle, end, select, bar)
                sheet.switch("n", middle, bar, sheet.vss)
            elif sheet.chance(0.6):
                transmission_gate(sheet, net, end, select, bar)
            else:
                sheet.switch("n", net, select, end)
                if sheet.chance(0.5):
                    sheet.switch("n", end, bar, end)
                else:
                    sheet.switch("p", net, bar, end)
        if sheet.chance(0.5):
            sheet.r(end, sheet.vss, sheet.log(1e4, 1e6))
