"""Completed devices: the cards of the devices that had open pins, with the chosen nets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.links.complete import complete_circuit
from eda.links.verify import wired

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit, Device
    from eda.links.answers import LinkPrediction


@dataclass(frozen=True, slots=True)
class CompletedPin:
    """One open pin and what was made of it.

    Attributes:
        pin: Its role.
        net: The net chosen, None where it is left alone.
        probability: What the ranking gave that net when the pin was settled.
    """

    pin: str
    net: str | None
    probability: float


@dataclass(frozen=True, slots=True)
class CompletedDevice:
    """A device that had open pins.

    Attributes:
        device: Its name.
        card: Its card with the nets chosen, as the user wrote the rest of it.
        pins: The pins that were open.
    """

    device: str
    card: str
    pins: tuple[CompletedPin, ...]

    @property
    def probability(self) -> float:
        """Product over the pins: each was settled with the ones before it in place."""
        return math.prod(pin.probability for pin in self.pins)


def completed_devices(
    circuit: Circuit, predictions: Sequence[LinkPrediction]
) -> list[CompletedDevice]:
    """Return the devices that had open pins, completed, in the order of the predictions.

    Args:
        circuit: The flat circuit that was asked about.
        predictions: What `predict_links` said, every candidate of each pin.
    """
    done = _completed(circuit, predictions)
    by_device: dict[str, list[LinkPrediction]] = {}
    for item in predictions:
        by_device.setdefault(item.device, []).append(item)
    return [
        CompletedDevice(
            device=name,
            card=_card(done, done.device(name)),
            pins=tuple(CompletedPin(item.pin, item.joint, _probability(item)) for item in items),
        )
        for name, items in by_device.items()
    ]


def _completed(circuit: Circuit, predictions: Sequence[LinkPrediction]) -> Circuit:
    from eda.errors import InputError

    try:
        return complete_circuit(circuit, predictions)
    except InputError:
        # Inside an instance, where the text stands for several devices: without the text.
        nets = {(i.device.lower(), i.pin): i.joint for i in predictions if i.joint is not None}
        return wired(circuit, nets)


def _probability(item: LinkPrediction) -> float:
    known = {candidate.net: candidate.probability for candidate in item.candidates}
    # A new net that two pins share counts as none of those that there were.
    return known.get(item.joint, known.get(None, 0.0))


def _card(circuit: Circuit, device: Device) -> str:
    """Return a device's card from the edited source, or as our writer puts it."""
    from eda.spice.writer import device_lines

    source, span = circuit.source, device.span
    if source is not None and span.path == source.path and span.line > 0:
        last = max(span.line, span.end_line)
        lines = source.text.splitlines()[span.line - 1 : last]
        words = lines[0].split() if lines else []
        if words and words[0].lower() == device.name.lower():
            return "\n".join(line.rstrip() for line in lines)
    return "\n".join(device_lines(device))
