"""Rule on sizes: channels that no process makes, or that their model card does not cover."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import number
from eda.rules.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.circuit import Device, ModelCard, Severity
    from eda.rules.electrical import Electrical

LONGEST_M: Final = 1e-3
"""No channel is longer: SPICE's own default, for discrete transistors, is a tenth of it."""
WIDEST_M: Final = 1.0
"""No channel is wider, power transistors in one piece included."""
SMALLEST_M: Final = 1e-9
"""Nothing that is made is smaller."""
_SCALE: Final = re.compile(r"^[ \t]*\.opt\w*\b.*\bscale\s*=", re.IGNORECASE | re.MULTILINE)
_SLACK: Final = 1e-6
"""Relative; bounds are met by sizes that were rounded once more."""


def length_text(length_m: float) -> str:
    """Return a length with its unit.

    Example:
        >>> length_text(80.0), length_text(50e-6), length_text(1e-12)
        ('80 m', '50 um', '0.001 nm')
    """
    for unit, size_m in (("m", 1.0), ("mm", 1e-3), ("um", 1e-6)):
        if abs(length_m) >= size_m * (1 - _SLACK):
            return f"{length_m / size_m:.6g} {unit}"
    return f"{length_m / 1e-9:.6g} nm"


def _find_sizes(rule: Rule, view: Electrical) -> Iterator[Finding]:
    # A file that is missing may hold the `.option scale` that these sizes are to be read with.
    unsure = any(item.code == "include" for item in view.circuit.diagnostics)
    texts = {item.text for item in (view.circuit.source, *view.circuit.files) if item}
    scaled = any(_SCALE.search(text) for text in texts)
    bins = _bins(view)
    verdicts: dict[tuple[object, ...], tuple[str, bool]] = {}
    for at in np.flatnonzero(view.is_kind("mosfet")).tolist():
        device = view.device(at)
        values = [device.parameters.get(key) for key in ("w", "l", "nf")]
        # Few sizes are shared by many transistors.
        key = (device.model, *values)
        verdict = verdicts.get(key)
        if verdict is None:
            cards = bins.get(device.model.lower(), ())
            verdict = verdicts[key] = _verdict([number(value) for value in values], cards)
        size, slipped = verdict
        if not size:
            continue
        if not slipped:
            yield _beyond(rule, device, size, bins[device.model.lower()])
        elif not (scaled and device.name.rpartition(".")[2][:1].lower() == "x"):
            # (Nobody knows whether the scale of the file is meant for an instance.)
            message = f"{size} of {device.name}: metres and micrometres were confused"
            severity: Severity = "warning" if unsure else "error"
            yield rule.finding(message, device.span, [device.name], severity=severity)


def _verdict(sizes: Sequence[float | None], cards: Sequence[ModelCard]) -> tuple[str, bool]:
    """Return the size that is wrong, if any, and whether its unit is."""
    width, length, fingers = sizes
    for key, value in (("w", width), ("l", length)):
        if text := _slip(key, value):
            return text, True
    # Bins are chosen by the width of one finger.
    one = width / fingers if width is not None and fingers else width
    return _outside({"w": one, "l": length}, cards), False


def _beyond(rule: Rule, device: Device, size: str, cards: Sequence[ModelCard]) -> Finding:
    message = f"{size} of {device.name} is outside what model {device.model} covers"
    # ngspice refuses a size that is in no bin, and takes one outside a single card.
    severity: Severity = "error" if len(cards) > 1 else "warning"
    fix = f"choose a size within {_bounds(cards)}, or a model that covers it"
    return rule.finding(message, device.span, [device.name], severity=severity, fix=fix)


def _slip(key: str, value: float | None) -> str:
    """Return what a size is where it cannot be meant, else nothing."""
    most = WIDEST_M if key == "w" else LONGEST_M
    if value is None or SMALLEST_M * (1 - _SLACK) <= value <= most:
        return ""
    return f"{key.upper()}={length_text(value)}"


def _bins(view: Electrical) -> dict[str, list[ModelCard]]:
    """Return the cards with bounds by model name; ``nch.1``, ``nch.2``, ... are bins of nch."""
    found: dict[str, list[ModelCard]] = {}
    for name, card in view.flat.models.items():
        if {"lmin", "lmax", "wmin", "wmax"}.isdisjoint(card.parameters):
            continue
        stem, _, number_of_bin = name.lower().rpartition(".")
        found.setdefault(stem if stem and number_of_bin.isdigit() else name.lower(), []).append(
            card
        )
    return found


def _outside(sizes: dict[str, float | None], cards: Sequence[ModelCard]) -> str:
    """Return the size that no card covers, or nothing where one covers all that is known."""
    misses: list[str] = []
    for card in cards:
        missed = ""
        for key, value in sizes.items():
            low, high = (number(card.parameters.get(f"{key}{end}")) for end in ("min", "max"))
            if value is not None and not (
                (low is None or value >= low * (1 - _SLACK))
                and (high is None or value <= high * (1 + _SLACK))
            ):
                missed = f"{key.upper()}={length_text(value)}"
        if not missed:
            return ""
        misses.append(missed)
    return misses[0] if misses else ""


def _bounds(cards: Sequence[ModelCard]) -> str:
    texts = []
    for key in "wl":
        lows = [number(card.parameters.get(f"{key}min")) for card in cards]
        highs = [number(card.parameters.get(f"{key}max")) for card in cards]
        ends = [
            length_text(pick(known)) if (known := [x for x in values if x is not None]) else "?"
            for pick, values in ((min, lows), (max, highs))
        ]
        if ends != ["?", "?"]:
            texts.append(f"{key.upper()} {ends[0]} to {ends[1]}")
    return ", ".join(texts)


SIZE_OUT_OF_RANGE: Final = Rule(
    "size_out_of_range",
    "error",
    "a channel in metres that was meant in micrometres, or the reverse; a size in none of the "
    "bins of its model; a warning where a single model card does not cover it",
    "The simulator takes the size as written, and extrapolates the model to nonsense or stops.",
    "write the unit (10u), or set .option scale",
    _find_sizes,
    simulator="could not find a valid modelname",
)
