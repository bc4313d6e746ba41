"""Ring oscillators: plain, starved, with a controlled supply, differential."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.gates import complex_gate
from eda.datasets.generator.opamps import gain_core, inverter
from eda.datasets.generator.sheet import OTHER, Sheet
from eda.datasets.generator.stages import mirror, tail


def ring_oscillator(sheet: Sheet) -> None:
    """A ring of inverting stages, plain or controlled."""
    kind = sheet.pick(
        *("plain", "starved", "half_starved", "supply", "differential", "gated", "pseudo"),
        weights=(1, 4, 1.5, 1.5, 3, 1, 1.5),
    )
    out = sheet.port("output", "out")
    if kind in ("differential", "pseudo"):
        _differential_ring(sheet, out, pseudo=kind == "pseudo")
        return
    count = 2 * sheet.number(1, 4) + 1
    nets = [sheet.net("r") for _ in range(count)]
    gates: dict[str, str] = {}
    top = sheet.vdd
    if kind in ("starved", "half_starved"):
        with sheet.block("control"):
            _controls(sheet, gates)
    elif kind == "supply":
        top = sheet.net("vr")
        control = sheet.port("input", "vctl", volts=sheet.supply_v * 0.7)
        with sheet.block("control"):
            style = sheet.pick("follower", "source", "amplifier")
            if style == "follower":
                sheet.mos("n", sheet.vdd, control, top, i=20)
            elif style == "source":
                sheet.mos("p", top, control, sheet.vdd, i=20)
            else:
                gate = sheet.net("g")
                gain_core(sheet, Bias(sheet), top, control, gate, stages=(1, 0, 0))
                sheet.mos("p", top, gate, sheet.vdd, i=20)
            sheet.c(top, sheet.vss, sheet.log(0.5e-12, 10e-12))
    loaded = sheet.chance(0.3)
    varactor = sheet.chance(0.15)
    with sheet.block("ring"):
        for at in range(count):
            into, net = nets[at], nets[(at + 1) % count]
            if kind == "gated" and at == 0:
                enable = sheet.port("input", "en", volts=sheet.supply_v)
                complex_gate(sheet, [into, enable], net, kind=sheet.pick("and", "or"))
                continue
            _stage(sheet, into, net, gates, top)
            if loaded:
                sheet.c(net, sheet.vss, sheet.log(2e-15, 100e-15))
            elif varactor:
                tune = next((n for n in sheet.ports if n.startswith("vtune")), None)
                tune = tune or sheet.port("input", "vtune", volts=sheet.supply_v / 2)
                sheet.add(
                    "mosfet",
                    (tune, net, tune, sheet.vss),
                    polarity="n",
                    values={"w": 5e-6, "l": 0.5e-6},
                )
    node = nets[0]
    with sheet.block("output_buffer"):
        extra = sheet.number(1, 3)
        for at in range(extra):
            following = out if at == extra - 1 else sheet.net("b")
            inverter(sheet, node, following)
            node = following


def _controls(sheet: Sheet, gates: dict[str, str]) -> None:
    """The gate voltages of starving transistors from one control voltage or current."""
    style = sheet.pick("voltage", "degenerated", "bias", "ports")
    if style == "bias":
        bias = Bias(sheet)
        gates["n"], gates["p"] = bias.gate("n"), bias.gate("p")
    elif style == "ports":
        gates["n"] = sheet.port("input", "vctl", volts=0.7)
        gates["p"] = sheet.port("bias", "vbp", volts=sheet.supply_v - 0.7)
    else:
        side = sheet.polarity()
        other = OTHER[side]
        control = sheet.port("input", "vctl", volts=sheet.level(side, 0.8))
        up = sheet.net("vp")
        if style == "degenerated":
            foot = sheet.net("vd")
            sheet.mos(side, up, control, foot)
            sheet.r(foot, sheet.rail(side), 0.15 / sheet.unit_a)
        else:
            sheet.mos(side, up, control, sheet.rail(side))
        sheet.mos(other, up, up, sheet.rail(other))
        gates[other] = up
        if style == "voltage" and sheet.chance(0.5):
            gates[side] = control
        else:
            copy = sheet.net("vn")
            sheet.mos(other, copy, up, sheet.rail(other))
            sheet.mos(side, copy, copy, sheet.rail(side))
            gates[side] = copy
    if sheet.chance(0.25):
        gates.pop("n" if sheet.chance(0.5) else "p")


def _stage(sheet: Sheet, into: str, out: str, gates: dict[str, str], top: str) -> None:
    rails = {"p": top, "n": sheet.vss}
    for polarity in ("p", "n"):
        rail = rails[polarity]
        if polarity in gates:
            middle = sheet.net("s")
            sheet.mos(polarity, middle, gates[polarity], rail)
            rail = middle
        sheet.switch(polarity, out, into, rail)


def _differential_ring(sheet: Sheet, out: str, *, pseudo: bool) -> None:
    count = sheet.number(2, 5)
    pairs = [(sheet.net("p"), sheet.net("m")) for _ in range(count)]
    load = sheet.pick("resistor", "symmetric", "triode", "cross", "source")
    side = sheet.polarity()
    other = OTHER[side]
    control = ""
    if load in ("symmetric", "triode") or pseudo:
        control = sheet.port("input", "vctl", volts=sheet.level(other, 0.9))
    bias = Bias(sheet)
    with sheet.block("ring"):
        for at in range(count):
            into = pairs[at]
            # One crossing makes the loop invert where the number of stages is even.
            if at == 0 and count % 2 == 0:
                into = into[::-1]
            outs = pairs[(at + 1) % count]
            with sheet.block("cell"):
                if pseudo:
                    for gate, net in zip(into, outs, strict=True):
                        inverter(sheet, gate, net)
                    for a, b in (outs, outs[::-1]):
                        if load in ("resistor", "cross"):
                            inverter(sheet, a, b)
                        else:
                            sheet.switch(other, b, a, sheet.rail(other))
                            sheet.mos(other, b, control, sheet.rail(other))
                    continue
                common = sheet.net("tail")
                for gate, net in zip(into, outs, strict=True):
                    sheet.mos(side, net, gate, common)
                tail(sheet, bias, side, common)
                for a, b in (outs, outs[::-1]):
                    rail = sheet.rail(other)
                    if load == "resistor":
                        sheet.r(rail, a, 0.4 / sheet.unit_a)
                    elif load == "symmetric":
                        sheet.mos(other, a, control, rail, i=0.5)
                        sheet.mos(other, a, a, rail, i=0.5)
                    elif load == "triode":
                        sheet.mos(other, a, control, rail)
                    elif load == "cross":
                        sheet.mos(other, a, a, rail, i=0.6)
                        sheet.mos(other, a, b, rail, i=0.4)
                    else:
                        sheet.mos(other, a, bias.gate(other), rail)
                        sheet.r(a, b, 0.8 / sheet.unit_a)
    with sheet.block("output_buffer"):
        if sheet.chance(0.5):
            node = sheet.net("b")
            inverter(sheet, pairs[0][0], node)
            inverter(sheet, node, out)
        else:
            diode, common = sheet.net("d"), sheet.net("tail")
            sheet.mos(side, diode, pairs[0][0], common)
            sheet.mos(side, out, pairs[0][1], common)
            tail(sheet, bias, side, common)
            mirror(sheet, bias, other, diode, out, low=True)
