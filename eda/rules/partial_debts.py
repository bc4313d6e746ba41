"""What a growing circuit owes, counted in devices that would settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eda.rules.partial_state import OUTPUT

if TYPE_CHECKING:
    from eda.rules.partial_state import PartialState


class Debts(NamedTuple):
    """What is open in a growing circuit, by net.

    Attributes:
        nets: Inner nets that need a device: dangling, floating, or without a direct path.
        unused: Ports that nothing is on.
        silent: Outputs that nothing drives.
        parts: A net of each part of the circuit, rails left aside; more than one is too many.
        most: So many devices are always enough.
    """

    nets: tuple[str, ...]
    unused: tuple[str, ...]
    silent: tuple[str, ...]
    parts: tuple[str, ...]
    most: int


def debts(state: PartialState) -> Debts:
    """Return what is open; see `eda.rules.PartialCircuit.debts`."""
    names = state.names
    bad = set(state.watch)
    for root in state.loose:
        bad.update(state.dc_members[root])
    unused, silent, more = [], [], 0
    for net in state.ports:
        pins = state.pins[net]
        if not pins.degree:
            unused.append(names[net])
            # The first pin on an output may be one that drives nothing.
            more += state.classes[net] == OUTPUT
        elif state.classes[net] == OUTPUT and pins.silent == pins.degree:
            silent.append(names[net])
    parts = sorted(state.firsts, key=state.firsts.__getitem__)
    most = len(bad) + len(unused) + more + len(silent) + max(len(parts) - 1, 0)
    return Debts(
        tuple([names[net] for net in sorted(bad)]),
        tuple(unused),
        tuple(silent),
        tuple([names[net] for net in parts]),
        most,
    )
