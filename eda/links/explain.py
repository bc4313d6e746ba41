"""Marks candidates that would break an electrical rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from eda.circuit import Circuit, Device
    from eda.links.answers import LinkPrediction
    from eda.rules import Finding

MAX_CHECKED: Final = 5
"""Candidates of a pin that are checked, from the best down."""
MAX_WORK: Final = 60_000
"""Devices looked at in all checks together; a larger circuit is ranked without findings."""


def with_findings(
    circuit: Circuit, predictions: Sequence[LinkPrediction]
) -> list[LinkPrediction]:
    """Return the predictions with the findings that each of the best candidates would bring.

    A finding counts when the circuit with that one connection has it and the circuit as it
    stands does not.
    """
    checks = 1 + sum(min(len(item.candidates), MAX_CHECKED) for item in predictions)
    if not predictions or checks * len(circuit.devices) > MAX_WORK:
        return list(predictions)
    from eda.rules import check

    place = {device.name.lower(): at for at, device in reversed(list(enumerate(circuit.devices)))}
    before = _count(check(circuit))
    marked = []
    for prediction in predictions:
        at = place[prediction.device.lower()]
        candidates = list(prediction.candidates)
        for number, candidate in enumerate(candidates[:MAX_CHECKED]):
            if candidate.net is None:
                continue
            moved = _moved(circuit.devices[at], prediction.pin, candidate.net)
            devices = (*circuit.devices[:at], moved, *circuit.devices[at + 1 :])
            after = check(circuit.replace_devices(devices))
            left = before.copy()
            new = []
            for finding in after:
                key = _key(finding)
                if left[key] > 0:
                    left[key] -= 1
                else:
                    new.append(finding)
            candidates[number] = replace(candidate, findings=tuple(new))
        marked.append(replace(prediction, candidates=tuple(candidates)))
    return marked


def _moved(device: Device, pin: str, net: str) -> Device:
    at = [role.lower() for role in device.roles].index(pin.lower())
    return replace(device, nets=(*device.nets[:at], net, *device.nets[at + 1 :]))


def _key(finding: Finding) -> tuple[str, tuple[str, ...]]:
    return finding.rule, tuple(sorted(name.lower() for name in finding.objects))


def _count(findings: Sequence[Finding]) -> Counter[tuple[str, tuple[str, ...]]]:
    from collections import Counter

    return Counter(_key(finding) for finding in findings)
