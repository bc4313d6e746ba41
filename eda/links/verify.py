"""Lets ngspice judge predicted links: does the completed circuit solve, and what conducts?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from eda.graph import NET_CLASSES, circuit_graph
from eda.links.open_pins import PLACEHOLDER
from eda.spice.analyses import Op
from eda.spice.conduction import Conduction, conduction, conduction_saves
from eda.spice.default_bias import needs_bias, with_default_bias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.circuit import Circuit
    from eda.links.answers import LinkPrediction

UNFINISHED: Final = frozenset(("timeout", "out_of_memory", "crashed"))
"""Statuses that say nothing of the circuit."""

Pin = tuple[str, str]

TIME_LIMIT_S: Final = 20.0
MOST_CANDIDATES: Final = 200
"""Candidates tried in ngspice in one answer."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What ngspice says of a circuit's operating point.

    Attributes:
        status: As of a simulation: ``ok``, ``no_convergence``, ...
        generic: Whether models or sources were missing and plain ones were filled in.
        models: Names of the generic models that were used.
        sources: What was put on which net, as ``vdd 1.8 V``.
        left_out: Devices that could not be simulated, such as black boxes.
        devices: Each transistor: its current, its region, whether it conducts.
        log: What ngspice said, where it failed.
    """

    status: str
    generic: bool
    models: tuple[str, ...]
    sources: tuple[str, ...]
    left_out: tuple[str, ...]
    devices: tuple[Conduction, ...]
    log: str = ""

    @property
    def solved(self) -> bool:
        """Whether the operating point was found."""
        return self.status == "ok"

    @property
    def off(self) -> tuple[str, ...]:
        """Names of the transistors that do not conduct."""
        return tuple(item.device for item in self.devices if item.on is False)

    def __str__(self) -> str:
        """Return it as a sentence, ``solves; 7 of 8 transistors conduct (off: M4)``."""
        if not self.solved:
            verb = "was not finished" if self.status in UNFINISHED else "does not solve"
            return f"{verb} ({self.status.replace('_', ' ')})"
        known = [item for item in self.devices if item.on is not None]
        if not self.devices:
            return "solves; there is no transistor in it"
        if not known:
            return "solves; of its transistors nothing is known"
        text = f"solves; {sum(bool(i.on) for i in known)} of {len(known)} transistors conduct"
        text += f" (off: {', '.join(self.off)})" if self.off else ""
        unknown = len(self.devices) - len(known)
        return text + (f"; of {unknown} nothing is known" if unknown else "")


@dataclass(frozen=True, slots=True)
class LinkVerification:
    """The circuit before and after its open pins were connected, and single candidates.

    Attributes:
        before: As it was given.
        after: Every open pin on the net chosen for it.
        candidates: (device, pin, net, verdict) of other candidates: that one pin on that net,
            the others where they were chosen.
    """

    before: Verification
    after: Verification
    candidates: tuple[tuple[str, str, str, Verification], ...] = ()


def verify_circuit(circuit: Circuit) -> Verification:
    """Simulate the operating point of a circuit, with a default bias where it brings none.

    Args:
        circuit: Flat or hierarchical; pins on ``?`` stay open, each by itself.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
    """
    from eda.spice.simulator import simulate

    flat = _apart(circuit.flatten())
    generic = needs_bias(flat)
    models: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    if generic:
        biased = with_default_bias(flat, _classes(flat))
        flat, models, sources = biased.circuit, biased.models, biased.sources
        left_out = biased.left_out
    result = simulate(flat, Op(), save=conduction_saves(flat), time_limit_s=TIME_LIMIT_S)
    return Verification(
        status=result.status.value,
        generic=generic,
        models=models,
        sources=sources,
        left_out=left_out,
        devices=conduction(flat, result.operating_point) if result.ok else (),
        log="" if result.ok else result.log,
    )


def verify_links(
    circuit: Circuit, predictions: Sequence[LinkPrediction], *, top: int = 1
) -> LinkVerification:
    """Simulate a circuit before and after its predicted links, and other candidates too.

    Args:
        circuit: The circuit that was asked about.
        predictions: What `predict_links` said.
        top: Try so many candidates of each pin; 1 tries the chosen wiring only.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
    """
    flat = circuit.flatten()
    chosen = {
        (item.device.lower(), item.pin): item.joint
        for item in predictions
        if item.joint is not None
    }
    tried: list[tuple[str, str, str, Verification]] = []
    for item in predictions:
        pin = (item.device.lower(), item.pin)
        for candidate in item.candidates[:top] if top > 1 else ():
            net = candidate.net
            if net is None or net == chosen.get(pin) or len(tried) >= MOST_CANDIDATES:
                continue
            verdict = verify_circuit(wired(flat, {**chosen, pin: net}))
            tried.append((item.device, item.pin, net, verdict))
    return LinkVerification(
        before=verify_circuit(flat),
        after=verify_circuit(wired(flat, chosen)),
        candidates=tuple(tried),
    )


def wired(flat: Circuit, nets: Mapping[Pin, str]) -> Circuit:
    """Return a flat circuit with pins on other nets, its source text left as it is.

    Args:
        flat: The circuit.
        nets: The net of each pin to change, by (lower-case device name, role).
    """
    return flat.replace_devices(
        tuple(
            replace(
                device,
                nets=tuple(nets.get((device.name.lower(), role), net) for role, net in device.pins),
            )
            for device in flat.devices
        )
    )


def _apart(flat: Circuit) -> Circuit:
    """Return the circuit with every ``?`` a net of its own."""
    taken = {net.lower() for net in flat.nets}
    if PLACEHOLDER not in taken:
        return flat
    fresh = (f"open{number}" for number in count(1))
    free = (name for name in fresh if name not in taken)
    return flat.replace_devices(
        tuple(
            replace(
                device,
                nets=tuple(next(free) if net == PLACEHOLDER else net for net in device.nets),
            )
            for device in flat.devices
        )
    )


def _classes(flat: Circuit) -> dict[str, str]:
    graph = circuit_graph(flat)
    return {
        name.lower(): NET_CLASSES[kind]
        for name, kind in zip(graph.net_names, graph.net_class.tolist(), strict=True)
    }
