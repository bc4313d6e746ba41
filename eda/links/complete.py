"""Writes predictions back into a circuit: `complete_circuit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.errors import LinkQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.answers import LinkPrediction


def complete_circuit(circuit: Circuit, predictions: Sequence[LinkPrediction]) -> Circuit:
    """Return the circuit with every predicted pin on the net chosen for it.

    The net is the one of the joint answer; a pin that belongs to none of the nets stays as it
    is. The source text of the circuit changes at those pins only.

    Raises:
        LinkQueryError: A pin lies inside an instance, where a change would concern every
            instance of that subcircuit.
    """
    for prediction in predictions:
        if prediction.joint is None:
            continue
        try:
            device = circuit.device(prediction.device)
            if device.net(prediction.pin).lower() == prediction.joint.lower():
                continue
            circuit = circuit.connect(device.name, prediction.pin, prediction.joint)
        except KeyError:
            raise LinkQueryError(
                f"{prediction.device} lies inside an instance; complete the subcircuit it "
                "belongs to (--subcircuit NAME), which changes all its instances"
            ) from None
    return circuit
