"""The data model: circuits, devices, nets, parameters and their expressions, flattening."""

from eda.circuit.circuit import GROUND, Card, Circuit, Function, ModelCard, Scope, Subcircuit
from eda.circuit.device import Device
from eda.circuit.kinds import KIND_NAMES, KINDS, ROLES, Kind
from eda.circuit.place import Diagnostic, Severity, Source, Span
from eda.circuit.values import Expression, Value, number

__all__ = [
    "GROUND",
    "KINDS",
    "KIND_NAMES",
    "ROLES",
    "Card",
    "Circuit",
    "Device",
    "Diagnostic",
    "Expression",
    "Function",
    "Kind",
    "ModelCard",
    "Scope",
    "Severity",
    "Source",
    "Span",
    "Subcircuit",
    "Value",
    "number",
]
