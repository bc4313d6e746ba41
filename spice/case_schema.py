"""The JSON schema of ``case.json``, for editors: made of the table of kinds.

``case.schema.json`` holds what `case_schema` returns. It describes the shape of a case; what
only a program can check (names in expressions, stages, the deck) `eda.read_case` checks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from eda.spice.case_kinds import KINDS, FieldType, Kind
from eda.spice.case_parts import PARAMETER_KINDS, SCALES

PATH: Final = Path(__file__).with_name("case.schema.json")
"""The file that is shipped."""

_VALUE: Final = {
    "description": "A number, or a string with + - * / and brackets on parameter names.",
    "type": ["number", "string"],
}
_SIGNAL: Final = {
    "description": "v(node), v(node1,node2) or i(source); lower case, no blanks.",
    "type": "string",
    "pattern": r"^(v\([^\sA-Z,()]+(,[^\sA-Z,()]+)?\)|i\([^\sA-Z,()]+\))$",
}
_REFERENCES: Final[dict[FieldType, dict[str, Any]]] = {
    "value": {"$ref": "#/$defs/value"},
    "pair": {
        "type": "array",
        "items": {"$ref": "#/$defs/value"},
        "minItems": 2,
        "maxItems": 2,
    },
    "signal": {"$ref": "#/$defs/signal"},
    "signals": {
        "anyOf": [
            {"$ref": "#/$defs/signal"},
            {"type": "array", "items": {"$ref": "#/$defs/signal"}, "minItems": 1},
        ]
    },
    "source": {"description": "Name of a voltage source, lower case.", "type": "string"},
    "refer": {"enum": ["input", "output"]},
    "edge": {"enum": ["rise", "fall"]},
    "flag": {"type": "boolean"},
}


def case_schema() -> dict[str, Any]:
    """Return the schema, for draft 2020-12.

    Example:
        >>> case_schema()["required"][0]
        'design_parameters'
    """
    texts = {"type": "array", "items": {"type": "string"}}
    numbers = {"type": "array", "items": {"type": "number"}}
    by_metric = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sizing case",
        "type": "object",
        "required": [
            "design_parameters",
            "analyses_in_cost_order",
            "measures",
            "metric_stages_cheap_to_dear",
            "direction",
        ],
        "properties": {
            **{
                name: {"type": "string"}
                for name in ("name", "description", "technology", "units", "licence", "golden")
            },
            "design_parameters": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z_][a-z0-9_]*$"},
                "additionalProperties": {
                    "type": "object",
                    "required": ["lo", "hi", "nominal", "scale", "kind"],
                    "properties": {
                        **{name: {"type": "number"} for name in ("lo", "hi", "nominal")},
                        "scale": {"enum": list(SCALES)},
                        "kind": {"enum": list(PARAMETER_KINDS)},
                    },
                },
            },
            "fixed_parameters": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z_][a-z0-9_]*$"},
                "additionalProperties": {"type": "number"},
            },
            "analyses_in_cost_order": {**texts, "minItems": 1, "maxItems": 4},
            "metric_definitions": by_metric,
            "measures": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"$ref": "#/$defs/measure"},
            },
            "metric_stages_cheap_to_dear": {"type": "array", "items": texts},
            "direction": {"type": "object", "additionalProperties": {"enum": ["min", "max"]}},
            "corners": {
                "type": "object",
                "properties": {
                    "process": texts,
                    "process_include_lines": {"type": "object", "additionalProperties": texts},
                    "temperature_c": numbers,
                    "supply_v": numbers,
                },
            },
            "specs": {"type": "object", "additionalProperties": {"$ref": "#/$defs/spec"}},
            "golden_corners_for_last_witness": {"type": "array", "items": {"type": "object"}},
        },
        "$defs": {
            "value": _VALUE,
            "signal": _SIGNAL,
            "spec": _spec(),
            "measure": {
                "type": "object",
                "required": ["kind", "analysis"],
                "properties": {"kind": {"enum": list(KINDS)}},
                "allOf": [_kind(name, kind) for name, kind in KINDS.items()],
            },
        },
    }


def _spec() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["targets"],
        "properties": {
            "targets": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "type": "object",
                    "required": ["op", "value"],
                    "properties": {"op": {"enum": [">=", "<="]}, "value": {"type": "number"}},
                },
            },
            "witness": {"type": "object", "required": ["params"]},
        },
    }


def _kind(name: str, kind: Kind) -> dict[str, Any]:
    fields = {**kind.required, **kind.optional}
    then: dict[str, Any] = {
        "properties": {
            "kind": True,
            "analysis": {"const": kind.analysis},
            **{field: _REFERENCES[type_] for field, type_ in fields.items()},
        },
        "required": list(kind.required),
        "additionalProperties": False,
    }
    if kind.one_of:
        then["oneOf"] = [{"required": [field]} for field in kind.one_of]
    return {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": then}
