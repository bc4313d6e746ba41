"""T0, the evaluator: exact nodal analysis of many designs at many frequencies at once.

The matrix of node admittances is eliminated once on paper, without numbers: which entry is
subtracted from which follows from the topology alone. What remains is a short list of
multiplications of arrays, designs x frequencies. It runs on numpy arrays, and on torch tensors
with gradients; derivatives by every value come from the adjoint network at the cost of one more
substitution.

Losses: inductors R = wL/Q(f), capacitors R = 1/(wCQ), as series resistors; op-amps have one pole
and an output resistance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.network import INPUT, OUTPUT, Topology
from eda.filters.spec import FilterSpec, LumpedLimits, OpAmp

Real = NDArray[np.float64]

LOSSLESS_Q: Final = 1e12
LEAST_ROUT_OHM: Final = 1e-3
"""An op-amp without output resistance would have no node equation; this stands for zero."""


@dataclass(frozen=True, slots=True)
class Physics:
    """What a circuit is made of and between what it works; see the specification.

    Attributes:
        zs_ohm: Source resistance.
        zl_ohm: Load resistance.
        q_at_ref: Inductor quality at ``f_ref_hz``.
        f_ref_hz: Reference of the inductor quality.
        capacitor_q: Capacitor quality.
        opamp: The op-amp; None where there is none.
    """

    zs_ohm: float
    zl_ohm: float
    q_at_ref: float = LOSSLESS_Q
    f_ref_hz: float = 1.0
    capacitor_q: float = LOSSLESS_Q
    opamp: OpAmp | None = None

    def inductor_q(self, frequency_hz: Any) -> Any:
        """Return Q of an inductor at frequencies."""
        law = self.q_at_ref * (frequency_hz / self.f_ref_hz) ** 0.5
        return law.clip(max=1.5 * self.q_at_ref) if hasattr(law, "clip") else law


def physics_of(spec: FilterSpec) -> Physics:
    """Return what a specification's circuits are made of."""
    if isinstance(spec.limits, LumpedLimits):
        limits = spec.limits
        return Physics(
            spec.zs_ohm, spec.zl_ohm, limits.q_at_ref, limits.f_ref_hz, limits.capacitor_q
        )
    return Physics(spec.zs_ohm, spec.zl_ohm, opamp=spec.active.opamp)


@dataclass(frozen=True, slots=True)
class Plan:
    """An elimination without numbers.

    Attributes:
        entries: For each nonzero entry of the matrix before elimination: row, column, and
            the parts in it with their signs.
        steps: For each node in order: the node, the rows it is subtracted from, its columns.
    """

    topology: Topology
    entries: tuple[tuple[int, int, tuple[tuple[int, int], ...]], ...]
    steps: tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...]


@cache
def plan_of(topology: Topology) -> Plan:
    """Return the elimination of a topology: fewest neighbours first, the ports last."""
    entries: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for at, part in enumerate(topology.parts):
        for row, column, sign in (
            (part.a, part.a, 1),
            (part.b, part.b, 1),
            (part.a, part.b, -1),
            (part.b, part.a, -1),
        ):
            if row and column:
                entries.setdefault((row, column), []).append((at, sign))
    pattern = set(entries)
    for opamp in topology.opamps:
        pattern |= {(opamp.out, node) for node in (opamp.plus, opamp.minus, opamp.out) if node}
    pattern |= {(INPUT, INPUT), (OUTPUT, OUTPUT)}
    outs = {opamp.out for opamp in topology.opamps}
    left = set(range(1, topology.nodes))
    steps = []
    while left:
        node = min(left, key=lambda at: _cost(at, left, pattern, outs))
        left.remove(node)
        rows = tuple(i for i in sorted(left) if (i, node) in pattern)
        columns = tuple(j for j in sorted(left) if (node, j) in pattern)
        pattern |= {(i, j) for i in rows for j in columns}
        steps.append((node, rows, columns))
    made = tuple((i, j, tuple(terms)) for (i, j), terms in entries.items())
    return Plan(topology, made, tuple(steps))


def _cost(
    node: int, left: set[int], pattern: set[tuple[int, int]], outs: set[int]
) -> tuple[bool, bool, bool, int, int]:
    """Return what eliminating a node next would cost; the ports and op-amps come last."""
    rows = sum((i, node) in pattern for i in left)
    columns = sum((node, j) in pattern for j in left)
    return node == INPUT, node == OUTPUT, node in outs, rows * columns, node


@dataclass(frozen=True, slots=True)
class Response:
    """S-parameters of designs, and what they change by.

    Attributes:
        s21: Complex, designs x frequencies.
        s11: The same.
        d_s21: Derivatives by the logarithm of each value, designs x parts x frequencies; None
            where not asked for.
        d_s11: The same.
    """

    s21: Any
    s11: Any
    d_s21: Any = None
    d_s11: Any = None


def respond(
    topology: Topology,
    log_values: Any,
    frequency_hz: Any,
    physics: Physics,
    *,
    derivatives: bool = False,
    tables: Sequence[Any] | None = None,
) -> Response:
    """Return the response of designs.

    Args:
        topology: Its parts and nodes.
        log_values: Natural logarithms of the values in SI units, designs x parts; a numpy array
            or a torch tensor (float64).
        frequency_hz: Frequencies, all above zero, of the same kind.
        physics: Losses, op-amp, ports.
        derivatives: Whether to return derivatives too.
        tables: Admittance over frequency of each part, None where the law holds: measured parts.

    Returns:
        Arrays or tensors, as ``log_values`` is. On tensors, autograd goes through.
    """
    admittance, slope = _admittances(topology, log_values, frequency_hz, physics)
    for at, table in enumerate(tables or ()):
        if table is not None:
            admittance[at] = table
    plan = plan_of(topology)
    matrix = _assemble(plan, admittance, frequency_hz, physics)
    factors, inverses = _eliminate(plan, matrix)
    v = _substitute(plan, matrix, inverses)
    through, back = 2 / math.sqrt(physics.zs_ohm * physics.zl_ohm), 2 / physics.zs_ohm
    s21, s11 = through * v[OUTPUT], back * v[INPUT] - 1
    if not derivatives:
        return Response(s21, s11)
    u = _adjoint(plan, matrix, factors, inverses, OUTPUT)
    w = v if not topology.opamps else _adjoint(plan, matrix, factors, inverses, INPUT)
    d_s21, d_s11 = [], []
    for at, part in enumerate(topology.parts):
        drop = _across(v, part.a, part.b) * (admittance[at] * -slope[at])
        d_s21.append(through * _across(u, part.a, part.b) * drop)
        d_s11.append(back * _across(w, part.a, part.b) * drop)
    stack = np.stack if isinstance(s21, np.ndarray) else _torch_stack
    return Response(s21, s11, stack(d_s21, 1), stack(d_s11, 1))


def _torch_stack(items: list[Any], axis: int) -> Any:
    import torch

    return torch.stack(items, dim=axis)


def _admittances(
    topology: Topology, log_values: Any, frequency_hz: Any, physics: Physics
) -> tuple[list[Any], list[int]]:
    """Return the admittance of every part, and its exponent: y goes with value ** exponent."""
    omega = 2 * math.pi * frequency_hz
    inductor = 1 / (omega * (1j + 1 / physics.inductor_q(frequency_hz)))
    capacitor = omega / (1 / physics.capacitor_q - 1j)
    made, slope = [], []
    for at, part in enumerate(topology.parts):
        sign = 1 if part.kind == "capacitor" else -1
        value = (sign * log_values[:, at, None]) if sign < 0 else log_values[:, at, None]
        size = np.exp(value) if isinstance(value, np.ndarray) else value.exp()
        if part.kind == "resistor":
            made.append(size + 0j)
        else:
            made.append(size * (inductor if part.kind == "inductor" else capacitor))
        slope.append(sign)
    return made, slope


def _assemble(
    plan: Plan, admittance: list[Any], frequency_hz: Any, physics: Physics
) -> dict[tuple[int, int], Any]:
    matrix: dict[tuple[int, int], Any] = {}
    for row, column, terms in plan.entries:
        total: Any = 0
        for at, sign in terms:
            total = total + admittance[at] if sign > 0 else total - admittance[at]
        matrix[row, column] = total
    zero = 0j * frequency_hz

    def add(row: int, column: int, value: Any) -> None:
        matrix[row, column] = matrix.get((row, column), zero) + value

    add(INPUT, INPUT, 1 / physics.zs_ohm)
    add(OUTPUT, OUTPUT, 1 / physics.zl_ohm)
    if plan.topology.opamps and physics.opamp is not None:
        conductance = 1 / max(physics.opamp.rout_ohm, LEAST_ROUT_OHM)
        gain = conductance * physics.opamp.a0 / (1 + 1j * frequency_hz / physics.opamp.pole_hz)
        for opamp in plan.topology.opamps:
            add(opamp.out, opamp.out, conductance)
            if opamp.plus:
                add(opamp.out, opamp.plus, -gain)
            if opamp.minus:
                add(opamp.out, opamp.minus, gain)
    return matrix


def _eliminate(
    plan: Plan, matrix: dict[tuple[int, int], Any]
) -> tuple[dict[tuple[int, int], Any], dict[int, Any]]:
    """Turn the matrix into its upper factor; return the lower one and the inverse pivots."""
    lower: dict[tuple[int, int], Any] = {}
    inverses: dict[int, Any] = {}
    for node, rows, columns in plan.steps:
        inverse = 1 / matrix[node, node]
        inverses[node] = inverse
        for i in rows:
            factor = matrix[i, node] * inverse
            lower[i, node] = factor
            for j in columns:
                change = factor * matrix[node, j]
                matrix[i, j] = matrix[i, j] - change if (i, j) in matrix else -change
    return lower, inverses


def _substitute(
    plan: Plan, upper: dict[tuple[int, int], Any], inverses: dict[int, Any]
) -> dict[int, Any]:
    """Return the node voltages for one ampere into the input, which is eliminated last."""
    found: dict[int, Any] = {INPUT: inverses[INPUT]}
    for node, _, columns in reversed(plan.steps[:-1]):
        total: Any = 0
        for j in columns:
            total = total - upper[node, j] * found[j]
        found[node] = total * inverses[node]
    return found


def _adjoint(
    plan: Plan,
    upper: dict[tuple[int, int], Any],
    lower: dict[tuple[int, int], Any],
    inverses: dict[int, Any],
    port: int,
) -> dict[int, Any]:
    """Return the node voltages of the transposed network for one ampere into a port."""
    t: dict[int, Any] = {port: inverses[port]}
    if port == OUTPUT and (OUTPUT, INPUT) in upper:
        t[INPUT] = -upper[OUTPUT, INPUT] * t[OUTPUT] * inverses[INPUT]
    found: dict[int, Any] = {}
    for node, rows, _ in reversed(plan.steps):
        total = t.get(node, 0)
        for i in rows:
            total = total - lower[i, node] * found[i]
        found[node] = total
    return found


def _across(voltages: dict[int, Any], a: int, b: int) -> Any:
    if not b:
        return voltages[a]
    return voltages[a] - voltages[b] if a else -voltages[b]
