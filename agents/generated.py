"""A generated op-amp, sized by the agent: it becomes a case, and ngspice confirms what is found.

The search of `eda.topology` keeps the inputs where they are and looks at the open loop. The agent's
testbench closes the loop for the operating point, as a bench does, so it also sizes amplifiers
whose gain is too high for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from eda.topology import Design

BUDGET: Final = 40
WORKS: Final[Mapping[str, Any]] = {
    "gain_db": {"op": ">=", "value": 20.0},
    "pm_deg": {"op": ">=", "value": 45.0},
}
"""What any op-amp must have: gain, and stability as a follower."""
ASKED: Final = {
    "gain_db": ("gain_db", ">="),
    "unity_gain_hz": ("ugbw_hz", ">="),
    "power_w": ("power_w", "<="),
}
"""Conditions of `eda generate` as targets of the testbench."""


@dataclass(frozen=True, slots=True)
class AgentSized:
    """What the agent made of a generated op-amp.

    Attributes:
        met: Whether ngspice confirms all that was asked for.
        metrics: Figures of the best design.
        simulations: Online simulations, the final check included.
        netlist: The subcircuit with its sizes, ready for `eda size`; empty where none was found.
        note: Why there is none.
    """

    met: bool
    metrics: Mapping[str, float] = field(default_factory=dict)
    simulations: int = 0
    netlist: str = ""
    note: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as plain values, without the netlist."""
        return {
            "met": self.met,
            "metrics": dict(self.metrics),
            "simulations": self.simulations,
            "note": self.note,
        }


def targets_of(conditions: Mapping[str, float]) -> dict[str, Any]:
    """Return the spec of a run for what was asked of a generated op-amp.

    Example:
        >>> targets_of({"gain_db": 60.0, "devices": 9.0})["targets"]["gain_db"]
        {'op': '>=', 'value': 60.0}
    """
    targets = {name: dict(item) for name, item in WORKS.items()}
    for name, value in conditions.items():
        if name in ASKED:
            metric, op = ASKED[name]
            targets[metric] = {"op": op, "value": value}
    return {"targets": targets, "objective": {"metric": "power_w", "sense": "min"}}


def size_generated(
    design: Design,
    name: str,
    folder: Path,
    *,
    conditions: Mapping[str, float] | None = None,
    budget: int = BUDGET,
    seed: int = 0,
    **options: Any,
) -> AgentSized:
    """Size a generated op-amp with the agent.

    Args:
        design: The op-amp with the sizes that it was generated with.
        name: Of its netlist and of its folder.
        folder: Where the netlist and the run are written.
        conditions: What was asked for; 20 dB of gain and 45 degrees of margin are always.
        budget: Online simulations at most.
        seed: Of all that is drawn.
        options: Those of `eda.agents.size`.

    Returns:
        What was found; an op-amp that the testbench does not take has a note.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
    """
    from eda.agents.netlist_case import netlist_case, sized_netlist
    from eda.agents.sizer import size
    from eda.spice import write_spice

    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{name}.sp"
    source.write_text(write_spice(design.subcircuit(name.replace("-", "_"))), "utf-8")
    try:
        case = netlist_case(source, "opamp", folder / name, supply_v=design.supply_v)
    except InputError as error:
        return AgentSized(False, note=str(error))
    found = size(case, targets_of(conditions or {}), budget, seed, **options)
    netlist = sized_netlist(source, case, found.design)
    return AgentSized(found.met, dict(found.metrics), found.online_simulations, netlist)
