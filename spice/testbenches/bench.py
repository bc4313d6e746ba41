"""The testbench: a circuit, its ports by role, its conditions; run it for its data sheet."""

# ruff: noqa: PT028  # `testbench` is no test, though its name begins so

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from eda.circuit import Circuit
from eda.errors import InputError
from eda.spice.testbenches.bias import find_bias
from eda.spice.testbenches.comparator import measure_comparator
from eda.spice.testbenches.dut import device_under_test
from eda.spice.testbenches.facts import port_facts
from eda.spice.testbenches.filters import measure_filter
from eda.spice.testbenches.ldo import measure_ldo
from eda.spice.testbenches.opamp import measure_opamp
from eda.spice.testbenches.oscillator import measure_oscillator
from eda.spice.testbenches.result import TestbenchResult
from eda.spice.testbenches.roles import KINDS, PortRoles, find_roles
from eda.spice.testbenches.setup import Conditions, Run, Setup

_MEASURES: Final[Mapping[str, Callable[[Setup, Run], Setup]]] = {
    "opamp": measure_opamp,
    "comparator": measure_comparator,
    "ldo": measure_ldo,
    "oscillator": measure_oscillator,
    "filter": measure_filter,
}


LOADS_F: Final[Mapping[str, float]] = {
    **{"opamp": 1e-12, "comparator": 10e-15, "ldo": 1e-6, "oscillator": 10e-15, "filter": 0.0}
}
"""Load capacitance of each kind, where nobody gives one."""


@dataclass(frozen=True)
class Testbench:
    """A circuit made ready to be characterised.

    Attributes:
        kind: One of ``opamp comparator ldo oscillator filter``.
        setup: The circuit, its ports by role and its conditions.
        bias: What was given for bias ports.
    """

    __test__ = False  # not a test, though its name begins so

    kind: str
    setup: Setup
    bias: Mapping[str, str | float]

    @property
    def roles(self) -> PortRoles:
        """Which port is taken for what."""
        return self.setup.roles

    def run(
        self,
        *,
        executor: Executor | None = None,
        workers: int = 2,
        progress: Callable[[str], object] | None = None,
        **options: Any,
    ) -> TestbenchResult:
        """Characterise the circuit.

        Whatever fails, a result comes back: its status and notes say what and why.

        Args:
            executor: As for `simulate_many`.
            workers: How many simulations run at once, without an executor.
            progress: Called with the names of the benches that are begun.
            options: Those of `simulate`: ``cache``, ``time_limit_s``, ``simulator``, ...

        Raises:
            SimulatorNotFoundError: ngspice is not installed.
            InputError: A bias is no number, or for no port.
        """
        run = Run(executor=executor, workers=workers, progress=progress, **options)
        setup = find_bias(self.setup, self.bias, run)
        setup = _MEASURES[self.kind](setup, run)
        given = setup.conditions
        conditions = {
            "supply_v": given.supply_v,
            "low_v": setup.low_v,
            "high_v": setup.high_v,
            "common_v": setup.common_v,
            "load_f": given.load_f,
        }
        if self.kind == "ldo":
            conditions["load_a"] = given.load_a
        return run.result(setup, self.kind, conditions)


def testbench(
    circuit: Circuit,
    kind: str,
    *,
    supply_v: float = 1.8,
    split: bool = False,
    common_v: float | None = None,
    load_f: float | None = None,
    load_a: float = 1e-3,
    clock_hz: float | None = None,
    z0_ohm: float | None = None,
    ports: Mapping[str, str] | None = None,
    bias: Mapping[str, str | float] | None = None,
    models: str | Path | None = None,
    subcircuit: str | None = None,
) -> Testbench:
    r"""Return a ready testbench round a bare subcircuit.

    Ports get their roles from ``ports``, else from the pins on them and from their names. Which
    input of an amplifier inverts is found by simulation.

    Args:
        circuit: A file with a ``.subckt``.
        kind: ``opamp comparator ldo oscillator filter``.
        supply_v: Supply voltage.
        split: Whether the rails lie at plus and minus half of it.
        common_v: Common mode of the inputs; None for the middle of the rails.
        load_f: Load capacitance of each output; None for what is usual: see `LOADS_F`.
        load_a: Largest load current of an LDO.
        clock_hz: Clock of a clocked comparator; None finds one that it keeps up with.
        z0_ohm: Reference resistance of S-parameters; None for 50 ohm. A passive filter is measured
            between two of those where one is given, or where it has no resistor itself.
        ports: Ports by role, as ``{"inp": "vip", "bias": "vb1,vb2"}``.
        bias: Voltages or currents by port, as ``{"ib": "10u"}``.
        models: ``generic``, or a file of model cards, where the circuit has none.
        subcircuit: Which; None takes the one nobody instantiates.

    Raises:
        NetlistError: There is no such subcircuit.
        InputError: A role cannot be found, models are missing, a condition makes no sense.

    Example:
        >>> from eda.spice import parse_netlist
        >>> amplifier = parse_netlist("* a\n.subckt a inp inn out\nE1 out 0 inp inn 1k\n.ends\n")
        >>> testbench(amplifier, "opamp").roles.described()
        'inp=inp inn=inn out=out'
    """
    if kind not in KINDS:
        raise InputError(f"there is no testbench {kind!r}; there are {', '.join(KINDS)}")
    for name, value in (("supply_v", supply_v), ("load_a", load_a), ("z0_ohm", z0_ohm or 50.0)):
        if not 0 < value < 1e9:
            raise InputError(f"{name} is {value:g}; it must be greater than zero")
    load_f = LOADS_F[kind] if load_f is None else load_f
    if not 0 <= load_f < 1e3:
        raise InputError(f"load_f is {load_f:g}; it must not be less than zero")
    dut = device_under_test(circuit, subcircuit=subcircuit, models=models)
    facts = port_facts(dut.flat)
    roles = find_roles(kind, facts, ports or {})
    conditions = Conditions(
        *(supply_v, split, common_v, load_f, load_a, clock_hz),
        z0_ohm=z0_ohm or 50.0,
        terminated=z0_ohm is not None,
    )
    setup = Setup(dut, facts, roles, conditions)
    if split and not setup.lower_rails:
        raise InputError(
            "a split supply needs a port for the lower rail that is not called gnd or 0; "
            "name it with --port vss=PORT, or leave --split out"
        )
    return Testbench(kind, replace(setup), bias or {})


testbench.__test__ = False  # type: ignore[attr-defined]  # not a test, though its name begins so
