"""The test bench of an op-amp's case: open loop, supply ripple and step, as lines of a deck."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.agents.netlist_case import Sizable
from eda.circuit import Circuit
from eda.errors import InputError
from eda.spice.analyses import Ac, Op
from eda.spice.case_reader import example_folder
from eda.spice.measures import unity_gain_hz
from eda.spice.testbenches import testbench
from eda.spice.testbenches.amplifier_bias import search_bias, tell_inputs
from eda.spice.testbenches.bias import find_bias
from eda.spice.testbenches.dut import _CARDS, GENERIC, _missing
from eda.spice.testbenches.setup import Run, Setup, Task

if TYPE_CHECKING:
    from eda.spice.testbenches.amplifier_decks import Amplifier

_COPIED: Final = (
    "analyses_in_cost_order",
    "metric_definitions",
    "measures",
    "metric_stages_cheap_to_dear",
    "direction",
)
"""What an op-amp's case has in common with the shipped one: the same metrics."""


@dataclass(frozen=True)
class Bench:
    """What stands round a netlist in its case.

    Attributes:
        subcircuit: Name of the subcircuit that is sized.
        bench: Lines of the deck.
        currents: Bias currents that flow in through ports.
        fixed: Parameters that are no choice.
        metrics: Fields of case.json on analyses and metrics.
        folders: Where model files lie.
        technology: For people.
    """

    subcircuit: str
    bench: str
    currents: tuple[Sizable, ...]
    fixed: Mapping[str, float]
    metrics: Mapping[str, Any]
    folders: tuple[Path, ...]
    technology: str


def opamp_case(
    circuit: Circuit,
    *,
    supply_v: float | None,
    common_v: float | None,
    load_f: float | None,
    ports: Mapping[str, str],
    bias: Mapping[str, str | float],
    models: str | None,
    subcircuit: str | None,
) -> Bench:
    """Return the test bench of an op-amp.

    Raises:
        InputError: It is no single-ended op-amp, a role or a model is missing.
    """
    given = {"supply_v": supply_v, "common_v": common_v, "load_f": load_f}
    bench = testbench(
        circuit,
        "opamp",
        ports=dict(ports),
        bias=dict(bias),
        models=models,
        subcircuit=subcircuit,
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    run = Run()
    setup = find_bias(bench.setup, bias, run)
    amplifier = search_bias(tell_inputs(setup, run), run)
    if amplifier.differential:
        raise InputError(
            "an op-amp with two outputs cannot be sized from its netlist yet; write a case"
        )
    setup = amplifier.setup
    name = setup.dut.subcircuit.name
    currents = tuple(
        Sizable(
            f"i_{item.port.lower()}",
            "current",
            (),
            abs(item.value),
            float(f"{abs(item.value) / 20:.4g}"),
            float(f"{abs(item.value) * 10:.4g}"),
        )
        for item in setup.bias
        if item.unit == "A" and item.value
    )
    vdd = setup.conditions.supply_v
    fixed = {
        "vdd": vdd,
        "vcm": float(f"{setup.common_v:.6g}"),
        "cload": setup.conditions.load_f,
        "vstep": float(f"{min(0.2, 0.1 * vdd):.4g}"),
        "tstep": _step_time(amplifier, run),
    }
    lines = _model_lines(circuit, setup, models)
    lines += _benches(amplifier)
    shipped = json.loads((example_folder() / "case.json").read_text(encoding="utf-8"))
    metrics = {key: shipped[key] for key in _COPIED}
    step = fixed["tstep"]
    metrics["analyses_in_cost_order"] = [
        *shipped["analyses_in_cost_order"][:3],
        f"tran {step / 200:.6g} {1.1 * step:.6g}",
    ]
    folders = (Path(models).resolve().parent,) if models and models != GENERIC else ()
    technology = "generic transistors, no process" if models == GENERIC else "models of the netlist"
    return Bench(name, "\n".join(lines), currents, fixed, metrics, folders, technology)


def _step_time(amplifier: Amplifier, run: Run) -> float:
    """Return a time in which the amplifier as it is settles, and slower ones than it too."""
    found = run.one("unity gain", Task(amplifier.open_loop("", signal_ac=1.0), (Op(), Ac(1, 1e11))))
    try:
        waves = found.of("ac")
        unity = unity_gain_hz(waves.axis, np.asarray(amplifier.output(waves)))
    except KeyError:
        unity = float("nan")
    if not unity > 0:
        return 1e-6
    return float(f"{min(max(40 / unity, 2e-8), 1e-3):.1g}")


def _model_lines(circuit: Circuit, setup: Setup, models: str | None) -> list[str]:
    if models is None:
        return []
    if models != GENERIC:
        return [f'.include "{Path(models).resolve()}"']
    lines = []
    chosen = circuit.subcircuits[setup.dut.subcircuit.name.lower()]
    for name, (kind, polarity) in _missing(circuit, chosen).items():
        card = _CARDS[kind, polarity if kind != "diode" else ""]
        values = " ".join(f"{key}={value:.6g}" for key, value in card.parameters.items())
        lines.append(f".model {name} {card.kind} {values}")
    return lines


def _benches(amplifier: Amplifier) -> list[str]:
    """Return three copies: open loop, unity gain with ripple on the supply, a step up."""
    setup = amplifier.setup
    lines: list[str] = []
    for copy in (1, 2, 3):
        nets = _nets(amplifier, copy)
        ports = " ".join(nets[port.lower()] for port in setup.dut.subcircuit.ports)
        out = f"out{copy}"
        lines.append(f"v{copy} vdd{copy} 0 dc {{vdd}}" + (" ac 1" if copy == 2 else ""))
        if copy == 1:
            lines += [
                "lfb out1 fb1 1g",
                "cfb fb1 0 1",
                "vin1 in1 0 dc {vcm} ac 1",
            ]
        elif copy == 2:
            lines.append("vin2 in2 0 dc {vcm}")
        else:
            lines.append(
                "vin3 in3 0 dc {vcm} pulse({vcm-vstep/2} {vcm+vstep/2} {tstep/10} {tstep/1000} "
                "{tstep/1000} {tstep} {4*tstep})"
            )
        lines += [*_biases(setup, copy), f"xtb{copy} {ports} {setup.dut.subcircuit.name}"]
        lines.append(f"cl{copy} {out} 0 {{cload}}")
    return lines


def _nets(amplifier: Amplifier, copy: int) -> dict[str, str]:
    """Return the net of every port in a copy."""
    setup = amplifier.setup
    made = {port.lower(): f"n{copy}_{port.lower()}" for port in setup.dut.subcircuit.ports}
    for role, net in (("vdd", f"vdd{copy}"), ("vss", "0"), ("high", f"vdd{copy}"), ("low", "0")):
        for port in setup.roles.all(role):
            made[port.lower()] = net
    made[amplifier.plus.lower()] = f"in{copy}"
    made[amplifier.minus.lower()] = "fb1" if copy == 1 else f"out{copy}"
    made[amplifier.out.lower()] = f"out{copy}"
    return made


def _biases(setup: Setup, copy: int) -> list[str]:
    lines = []
    for item in setup.bias:
        port = item.port.lower()
        net = f"n{copy}_{port}"
        if item.unit == "V":
            lines.append(f"vb{copy}_{port} {net} 0 dc {item.value:.6g}")
        elif item.value > 0:
            lines.append(f"ib{copy}_{port} vdd{copy} {net} {{i_{port}}}")
        elif item.value < 0:
            lines.append(f"ib{copy}_{port} {net} 0 {{i_{port}}}")
    for port in setup.roles.all("open"):
        lines.append(f"ropen{copy}_{port.lower()} n{copy}_{port.lower()} 0 1t")
    if setup.roles.one("vcm"):
        port = setup.roles.one("vcm").lower()
        lines.append(f"vocm{copy} n{copy}_{port} 0 dc {{vcm}}")
    return lines
