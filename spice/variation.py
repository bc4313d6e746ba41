"""Switches of chance in the models of design kits: process variation, and mismatch of devices.

Kits draw from distributions only where a parameter of their models says so. GF180's are on unless
the deck sets them to 0, so that every reading of the models is another draw; SKY130's are off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal

from eda.circuit import Circuit
from eda.errors import InputError
from eda.spice.conditions import decides

Variation = Literal["process", "mismatch"]

SWITCHES: Final[Mapping[Variation, tuple[str, ...]]] = {
    "process": ("sw_stat_global", "mc_pr_switch"),
    "mismatch": ("sw_stat_mismatch", "mc_mm_switch"),
}
"""Parameters that turn a variation on with 1 and off with 0: of GF180, and of SKY130."""


def switches(circuit: Circuit, kinds: Iterable[str]) -> dict[str, float]:
    r"""Return the parameters that turn these variations on, and the others off.

    Args:
        circuit: With the models.
        kinds: Of ``process`` and ``mismatch``.

    Raises:
        InputError: There is no such variation, or the models have no switch for it.

    Example:
        >>> from eda.spice import parse_netlist
        >>> deck = parse_netlist("* x\n.param mc_mm_switch=0 mc_pr_switch=0\nR1 a 0 1\n")
        >>> switches(deck, ["mismatch"])
        {'mc_pr_switch': 0.0, 'mc_mm_switch': 1.0}
    """
    wanted = set(kinds)
    if unknown := sorted(wanted - set(SWITCHES)):
        raise InputError(f"there is no variation {unknown[0]!r}; there are {', '.join(SWITCHES)}")
    made = {}
    for kind, names in SWITCHES.items():
        there = [name for name in names if name in circuit.parameters]
        if kind in wanted and not there:
            raise InputError(
                f"the models have no switch of {kind} ({' or '.join(names)}); set their own "
                "parameter by name"
            )
        made.update(dict.fromkeys(there, float(kind in wanted)))
    return made


def switched(circuit: Circuit, parameters: Mapping[str, float]) -> Circuit:
    """Return the circuit with parameters of its top level set, wherever they are defined.

    Raises:
        InputError: One is not there or not finite, or a ``.if`` was decided without it.
    """
    values = {name.lower(): float(value) for name, value in parameters.items()}
    for name, value in values.items():
        if name not in circuit.parameters:
            raise InputError(f"the deck and its models have no parameter {name!r} at the top level")
        if not math.isfinite(value):
            raise InputError(f"the parameter {name} is {value}: give a finite number")
    if values and any(decides(source.text) for source in circuit.files):
        raise InputError(
            "the deck has .if, which was decided when it was read; write the parameters into it"
        )
    return replace(circuit, parameters={**circuit.parameters, **values})
