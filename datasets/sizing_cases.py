"""Sizing cases from the generator's operational amplifiers, to train a surrogate on.

A generated amplifier becomes a case: equal sizes of its netlist become one parameter, a test
bench measures the loop, the supply rejection and a step, and generic transistors of a technology
drawn by chance stand for the process.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import number
from eda.datasets.generator.generate import generate_circuit
from eda.errors import EdaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.circuit import Circuit, Device
    from eda.datasets.generator.generate import GeneratedCircuit
    from eda.spice import Case

MOST_PARAMETERS: Final = 14
MOST_TRANSISTORS: Final = 26
LEAST_GAIN_DB: Final = 15.0
_KNOWN: Final = ("mosfet", "resistor", "capacitor", "isource", "vsource")
_TRIES: Final = 400


@dataclass(frozen=True, slots=True)
class Technology:
    """Generic level-1 transistors.

    Attributes:
        supply_v: Supply.
        threshold_v: Of both polarities.
        gain: ``kp`` of n and of p, in A/V^2.
        modulation: Channel-length modulation times the length, in m/V.
        oxide_m: Thickness of the oxide.
        overlap: Overlap capacitance, in F/m.
        least_m: Shortest length.
    """

    supply_v: float
    threshold_v: float
    gain: tuple[float, float]
    modulation: float
    oxide_m: float
    overlap: float
    least_m: float

    def cards(self) -> list[str]:
        """Return subcircuits ``nfet`` and ``pfet`` with ports d g s b."""
        made = []
        for polarity, sign, gain in (("n", "", self.gain[0]), ("p", "-", self.gain[1])):
            made += [
                f".subckt {polarity}fet d g s b w=1u l=1u",
                "m1 d g s b x w={w} l={l} ad={0.4u*w} as={0.4u*w} pd={2*w} ps={2*w}",
                f".model x {polarity}mos level=1 vto={sign}{self.threshold_v:.3g} kp={gain:.4g} "
                f"gamma=0.4 phi=0.8 lambda={{{self.modulation:.3g}/l}} tox={self.oxide_m:.3g}",
                f"+ cgso={self.overlap:.3g} cgdo={self.overlap:.3g} cj=1m cjsw=0.1n pb=0.8 "
                "mj=0.4 mjsw=0.3",
                ".ends",
            ]
        return made


def draw_technology(rng: np.random.Generator, supply_v: float) -> Technology:
    """Return a technology for a supply."""
    least = 1e-7 * supply_v
    return Technology(
        supply_v,
        float(f"{supply_v * rng.uniform(0.16, 0.26):.3g}"),
        (float(f"{rng.uniform(120e-6, 320e-6):.3g}"), float(f"{rng.uniform(35e-6, 110e-6):.3g}")),
        float(f"{rng.uniform(0.02e-6, 0.06e-6):.3g}"),
        float(f"{1.2e-9 + 1.6e-9 * supply_v:.3g}"),
        float(f"{rng.uniform(0.15e-9, 0.4e-9):.3g}"),
        float(f"{least:.3g}"),
    )


def generated_cases(folder: Path, count: int, *, seed: int = 0) -> list[Case]:
    """Write cases and return them: amplifiers whose nominal design has gain.

    Args:
        folder: Where; each becomes a folder in it. One that is there already is kept.
        count: How many.
        seed: Of the generator.
    """
    made: list[Case] = []
    shapes: set[tuple[str, ...]] = set()
    for index in range(_TRIES):
        if len(made) == count:
            break
        generated = generate_circuit("opamp", seed=seed, index=index)
        if generated.structure in shapes:
            continue
        case = _case(generated, folder, np.random.default_rng([seed, index]))
        if case is not None:
            shapes.add(generated.structure)
            made.append(case)
    return made


def _case(generated: GeneratedCircuit, folder: Path, rng: np.random.Generator) -> Case | None:
    """Return the case of an amplifier; None where it is of no use."""
    from eda.spice import parse_netlist, read_case

    flat = generated.circuit.flatten()
    transistors = sum(device.kind == "mosfet" for device in flat.devices)
    if transistors > MOST_TRANSISTORS or any(d.kind not in _KNOWN for d in flat.devices):
        return None
    bench = parse_netlist(generated.deck, dialect="ngspice", name="deck").flatten()
    roles = _roles(generated, bench)
    if roles is None:
        return None
    name = f"gen_{re.sub('[^a-z0-9]', '_', generated.name.lower())}"
    home = folder / name
    if (home / "useless").exists():
        return None
    if not (home / "case.json").is_file():
        supply_v = roles["supply_v"]
        technology = draw_technology(rng, float(supply_v))
        written = _texts(generated, flat, roles, technology, name)
        if written is None:
            return None
        home.mkdir(parents=True, exist_ok=True)
        (home / "deck.cir").write_text(written[0], "utf-8")
        (home / "case.json").write_text(json.dumps(written[1], indent=1) + "\n", "utf-8")
    try:
        case = read_case(home)
        result = case.simulate([case.nominal], workers=1)[0]
    except EdaError:
        result = None
    if result is None or result.metrics.get("gain_db", 0.0) < LEAST_GAIN_DB:
        (home / "useless").touch()
        return None
    return case


def _roles(generated: GeneratedCircuit, bench: Circuit) -> dict[str, Any] | None:
    """Return which net is what, read off the sources that the generator put around it."""
    ports = {net.lower(): role for net, role in generated.ports.items()}
    sources = {}
    plus = None
    table = _port_nets(generated)
    for device in bench.devices:
        if device.kind != "vsource" or "." in device.name:
            continue
        net = device.nets[0].lower()
        value = number(device.parameters.get("dc")) or 0.0
        sources[table.get(net, net)] = value
        if number(device.parameters.get("ac")):
            plus = table.get(net, net)
    supplies = [net for net, role in ports.items() if role == "supply"]
    grounds = [net for net, role in ports.items() if role == "ground"]
    inputs = [net for net, role in ports.items() if role == "input"]
    outputs = [net for net, role in ports.items() if role == "output"]
    bias = [net for net, role in ports.items() if role == "bias"]
    if [len(supplies), len(grounds), len(inputs), len(outputs)] != [1, 1, 2, 1]:
        return None
    if plus not in inputs or supplies[0] not in sources or any(b not in sources for b in bias):
        return None
    return {
        "supply": supplies[0],
        "ground": grounds[0],
        "plus": plus,
        "minus": next(net for net in inputs if net != plus),
        "out": outputs[0],
        "supply_v": sources[supplies[0]],
        "common_v": sources[plus],
        "bias": {net: sources[net] for net in bias},
    }


def _port_nets(generated: GeneratedCircuit) -> dict[str, str]:
    """Return the port behind each net of the deck that is wired to a subcircuit's port."""
    for line in generated.deck.splitlines():
        if line.lower().startswith("x1 "):
            nets = line.split()[1:-1]
            name = line.split()[-1].lower()
            for header in generated.deck.splitlines():
                words = header.split()
                if words[:1] == [".subckt"] and words[1].lower() == name:
                    return {n.lower(): p.lower() for n, p in zip(nets, words[2:], strict=False)}
    return {}


def _texts(
    generated: GeneratedCircuit,
    flat: Circuit,
    roles: dict[str, Any],
    technology: Technology,
    name: str,
) -> tuple[str, dict[str, Any]] | None:
    parameters: dict[str, dict[str, Any]] = {}
    lines: list[str] = []
    names: dict[tuple[str, float], str] = {}
    nets = {roles["ground"]: "vss", roles["supply"]: "vdd", "0": "vss"}
    nets |= {roles["plus"]: "inp", roles["minus"]: "inn", roles["out"]: "out"}
    bias = {net: f"vb{at}" for at, net in enumerate(roles["bias"])}
    nets |= bias

    def net(given: str) -> str:
        lower = given.lower()
        return nets.setdefault(lower, f"n{len(nets)}")

    def parameter(kind: str, value: float, low: float, high: float, prefix: str) -> str:
        value = float(f"{min(max(value, low * 1.01), high * 0.99):.3g}")
        key = (prefix, value)
        if key not in names:
            names[key] = f"{prefix}{sum(p == prefix for p, _ in names) + 1}"
            parameters[names[key]] = {
                "lo": float(f"{max(low, value / 8):.3g}"),
                "hi": float(f"{min(high, value * 8):.3g}"),
                "nominal": value,
                "scale": "log",
                "kind": kind,
            }
        return names[key]

    for at, device in enumerate(flat.devices):
        made = _line(at, device, net, parameter, technology)
        if made is None:
            return None
        lines.append(made)
    if not 4 <= len(parameters) <= MOST_PARAMETERS:
        return None
    unit = {"cload": 2e-12, "vstep": float(f"{0.1 * technology.supply_v:.3g}"), "tstep": 2e-6}
    fixed = {
        "vdd": technology.supply_v,
        "vcm": float(f"{roles['common_v']:.4g}"),
        **unit,
        **{bias[n]: float(f"{v:.4g}") for n, v in roles["bias"].items()},
    }
    return _deck(generated, lines, parameters, fixed, technology, bias), _json(
        name, generated, parameters, fixed
    )


def _line(at: int, device: Device, net: Any, parameter: Any, technology: Technology) -> str | None:
    def size(key: str) -> float | None:
        return number(device.parameters.get(key))

    pins = " ".join(net(item) for item in device.nets)
    if device.kind == "mosfet":
        width, length = size("w"), size("l")
        if width is None or length is None:
            return None
        fingers = (size("nf") or 1.0) if "w" not in device.parameters else 1.0
        count = (size("m") or 1.0) * fingers
        w = parameter("width", width * count, 2e-7, 4e-4, "w")
        long = parameter(
            "length", max(length, technology.least_m * 1.5), technology.least_m, 1e-5, "l"
        )
        kind = "nfet" if device.polarity == "n" else "pfet"
        return f"x{at} {pins} {kind} w={{{w}}} l={{{long}}}"
    value = size("dc" if device.kind in ("isource", "vsource") else "value")
    if value is None or value <= 0 or device.kind == "vsource":
        return None
    kinds = {
        "resistor": ("r", "res", 10.0, 1e7),
        "capacitor": ("c", "cap", 1e-14, 1e-10),
        "isource": ("i", "current", 1e-8, 1e-3),
    }
    letter, kind, low, high = kinds[device.kind]
    return f"{letter}{at} {pins} {{{parameter(kind, value, low, high, letter + 'x')}}}"


def _deck(
    generated: GeneratedCircuit,
    lines: Sequence[str],
    parameters: dict[str, dict[str, Any]],
    fixed: dict[str, float],
    technology: Technology,
    bias: dict[str, str],
) -> str:
    ports = "inp inn out vdd vss " + " ".join(bias.values())
    values = {**{key: item["nominal"] for key, item in parameters.items()}, **fixed}
    text = [f"{generated.name}: {' '.join(generated.structure)}", *technology.cards()]
    text += [f".param {key}={value!r}" for key, value in values.items()]
    text += [f".subckt dut {ports}", *lines, ".ends"]
    for copy, ac in ((1, " ac 1"), (2, ""), (3, "")):
        feedback = "fb1" if copy == 1 else f"out{copy}"
        rails = " ".join(f"b{copy}{net}" for net in bias.values())
        wave = (
            " pulse({vcm-vstep/2} {vcm+vstep/2} {tstep/10} {tstep/1000} {tstep/1000} {tstep} "
            "{4*tstep})"
        )
        text += [
            f"v{copy} vdd{copy} 0 dc {{vdd}}{' ac 1' if copy == 2 else ''}",
            f"vin{copy} in{copy} 0 dc {{vcm}}{ac}{wave if copy == 3 else ''}",
            *(f"vb{copy}{net} b{copy}{net} 0 dc {{{net}}}" for net in bias.values()),
            f"x{copy} in{copy} {feedback} out{copy} vdd{copy} 0 {rails} dut",
            f"cl{copy} out{copy} 0 {{cload}}",
        ]
        if copy == 1:
            text += ["lfb out1 fb1 1g", "cfb fb1 0 1"]
    return "\n".join([*text, ".temp 27", ".end"]) + "\n"


def _json(
    name: str,
    generated: GeneratedCircuit,
    parameters: dict[str, dict[str, Any]],
    fixed: dict[str, float],
) -> dict[str, Any]:
    step = {"output": "v(out3)", "step_at_s": "tstep/10", "final_at_s": "1.095*tstep"}
    step |= {"min_step": "0.5*vstep"}
    measures: dict[str, dict[str, Any]] = {
        "power_w": {"kind": "supply_power", "analysis": "op", "source": "v1", "supply_v": "vdd"},
        "vos_v": {"kind": "dc_offset", "analysis": "op", "output": "v(out1)", "target": "vcm"},
        "gain_db": {"kind": "gain_db", "analysis": "ac", "output": "v(out1)", "at_hz": 1.0},
        "ugbw_hz": {"kind": "unity_gain_hz", "analysis": "ac", "output": "v(out1)"},
        "pm_deg": {"kind": "phase_margin_deg", "analysis": "ac", "output": "v(out1)"},
        "psrr_db": {
            "kind": "rejection_db",
            "analysis": "ac",
            "output": "v(out2)",
            "at_hz": 1000.0,
        },
        "noise_vrthz": {
            "kind": "noise_density",
            "analysis": "noise",
            "refer": "input",
            "at_hz": 1e5,
        },
        "slew_vps": {"kind": "slew_rate", "analysis": "tran", **step},
        "settle_s": {
            "kind": "settling_s",
            "analysis": "tran",
            **step,
            "tolerance": 0.01,
            "undefined": "tstep",
        },
        "overshoot": {"kind": "overshoot", "analysis": "tran", **step, "undefined": 1},
    }
    upper = ("power_w", "vos_v", "noise_vrthz", "settle_s", "overshoot")
    return {
        "name": name,
        "description": f"generated amplifier: {' '.join(generated.structure)}",
        "technology": "generic level-1 transistors, drawn by chance",
        "units": "SI",
        "design_parameters": parameters,
        "fixed_parameters": fixed,
        "analyses_in_cost_order": [
            "op",
            "ac dec 20 1 10g",
            "noise v(out1) vin1 dec 10 10 100meg",
            "tran 1e-8 2.2e-6",
        ],
        "measures": measures,
        "metric_stages_cheap_to_dear": [
            ["power_w", "vos_v"],
            ["gain_db", "ugbw_hz", "pm_deg", "psrr_db"],
            ["noise_vrthz"],
            ["slew_vps", "settle_s", "overshoot"],
        ],
        "direction": {key: "max" if key in upper else "min" for key in measures},
    }
