"""The link predictor: which net does this pin belong on?

`predict_links` ranks the nets of a circuit for every open pin, `audit_links` looks for wires
that seem wrong, `selftest` hides pins of a circuit and scores the predictor on it.
"""

from eda.links.answers import Candidate, LinkPrediction, SelftestResult, SuspectWire
from eda.links.audit import audit_links
from eda.links.complete import complete_circuit
from eda.links.open_pins import open_pins
from eda.links.predict import predict_links
from eda.links.selftest import selftest

__all__ = [
    "Candidate",
    "LinkPrediction",
    "SelftestResult",
    "SuspectWire",
    "audit_links",
    "complete_circuit",
    "open_pins",
    "predict_links",
    "selftest",
]
