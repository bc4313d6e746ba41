"""Marks candidates that would break an electrical rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.answers import LinkPrediction

MAX_CHECKED: Final = 20
"""Candidates of a pin that are checked, from the best down."""
MAX_CHECKS: Final = 2_000
"""Checks in one answer; pins beyond that come without findings."""
MAX_WORK: Final = 20_000_000
"""Checks times devices; a very large circuit gets fewer checks."""


def with_findings(circuit: Circuit, predictions: Sequence[LinkPrediction]) -> list[LinkPrediction]:
    """Return the predictions with the rules that each of the best candidates would break."""
    from eda.rules import Electrical, candidate_findings

    view = Electrical.of(circuit)
    wanted = {
        candidate.net.lower()
        for item in predictions
        for candidate in item.candidates[:MAX_CHECKED]
        if candidate.net is not None
    }
    nets = {
        name.lower(): at for at, name in enumerate(view.graph.net_names) if name.lower() in wanted
    }
    asked = {item.device.lower() for item in predictions}
    devices: dict[str, int] = {}
    for at, name in enumerate(view.graph.device_names):
        if name.lower() in asked:
            devices.setdefault(name.lower(), at)
    left = min(MAX_CHECKS, MAX_WORK // max(len(circuit.devices), 1))
    marked = []
    for prediction in predictions:
        device = devices[prediction.device.lower()]
        candidates = list(prediction.candidates)
        for number, candidate in enumerate(candidates[:MAX_CHECKED]):
            net = nets.get(candidate.net.lower()) if candidate.net is not None else None
            if net is None or left <= 0:
                continue
            left -= 1
            findings = candidate_findings(view, device, prediction.pin.lower(), net)
            candidates[number] = replace(candidate, findings=findings)
        marked.append(replace(prediction, candidates=tuple(candidates)))
    return marked
