"""What ``eda predict-links`` prints: tables, explanations, verdicts, and the same as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eda.cli.output import put, put_table
from eda.links.sentences import agreement, division, net_name, reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links import Candidate, LinkPrediction, SuspectWire
    from eda.links.cards import CompletedDevice
    from eda.links.verify import LinkVerification, Verification

SHOWN = 5
"""Candidates of a pin, and suspicious wires, in a table where ``--top`` says nothing."""

BAR = 20
"""Characters of a full probability bar."""


def show_pins(
    file: str,
    flat: Circuit,
    predictions: Sequence[LinkPrediction],
    *,
    top: int | None,
    explain: bool,
) -> None:
    """Print the candidates of every pin, with or without the reasons."""
    if not predictions:
        put(f"{file}: no open pin among {len(flat.devices)} devices")
        return
    pins = "1 open pin" if len(predictions) == 1 else f"{len(predictions)} open pins"
    put(f"{file}: {pins}, {len(flat.devices)} devices, {len(flat.nets)} nets\n\n")
    if explain:
        for prediction in predictions:
            _explain(prediction, top or SHOWN)
        return
    rows = []
    for prediction in predictions:
        first = f"{prediction.device}.{prediction.pin}"
        for candidate in prediction.candidates[: top or SHOWN]:
            rows.append((first, *_candidate_cells(candidate)))
            first = ""
    put_table(rows, headers=("pin", "net", "probability", "", "breaks"), right=("probability",))


def _explain(prediction: LinkPrediction, shown: int) -> None:
    put(f"{prediction.device}.{prediction.pin}: {agreement(prediction)}")
    put(f"  by kind of net: {division(prediction)}")
    candidates = prediction.candidates[:shown]
    width = max(len(net_name(item.net)) for item in candidates)
    for candidate in candidates:
        told = reasons(candidate) or [""]
        head = f"  {net_name(candidate.net):<{width}}  {percent(candidate.probability):>7}"
        put(f"{head}  {told[0]}".rstrip())
        for text in told[1:]:
            put(f"{' ' * len(head)}  {text}")
    put("\n")


def show_wires(file: str, flat: Circuit, wires: Sequence[SuspectWire]) -> None:
    """Print suspicious wires."""
    put(f"{file}: {len(flat.devices)} devices; the most suspicious wires first\n\n")
    put_table(
        (
            (
                f"{wire.device}.{wire.pin}",
                wire.net if wire.alike == 1 else f"{wire.net} and {wire.alike - 1} alike",
                percent(wire.probability),
                net_name(wire.better[0].net) if wire.better else "",
                percent(wire.better[0].probability) if wire.better else "",
            )
            for wire in wires
        ),
        headers=("pin", "is on", "likely", "rather on", "likely "),
        right=("likely", "likely "),
    )


def show_completed(devices: Sequence[CompletedDevice]) -> None:
    """Print completed cards, and under each how likely its nets are."""
    for item in devices:
        put(item.card)
        nets = ", ".join(
            f"{pin.pin} {net_name(pin.net)} {percent(pin.probability)}" for pin in item.pins
        )
        put(f"* {item.device}: {nets}; together {percent(item.probability)}")


def show_verdict(said: LinkVerification) -> None:
    """Print what ngspice said, transistor by transistor where one does not conduct."""
    after = said.after
    how = "generic models and a default bias" if after.generic else "the deck's own bias"
    put(f"\nngspice, operating point with {how}: the completed circuit {after}")
    put(f"  as given, it {said.before}")
    if after.sources:
        put(f"  put on: {', '.join(after.sources)}")
    if after.left_out:
        put(f"  left out: {', '.join(after.left_out)}")
    for device, pin, net, verdict in said.candidates:
        put(f"  with {device}.{pin} on {net}: {verdict}")
    if after.devices:
        put("")
        put_table(
            (
                (
                    item.device,
                    {True: "on", False: "off", None: ""}[item.on],
                    item.region,
                    f"{1e6 * item.current_a:.4g}",
                )
                for item in after.devices
            ),
            headers=("transistor", "", "region", "current, uA"),
            right=("current, uA",),
        )
    elif not after.solved and after.log:
        put("\n".join(f"  {line}" for line in after.log.splitlines()[:5]))


def pin_answer(prediction: LinkPrediction, *, explain: bool = False) -> dict[str, Any]:
    """Return one pin for JSON."""
    answer: dict[str, Any] = {
        "device": prediction.device,
        "pin": prediction.pin,
        "candidates": [candidate_answer(c, explain=explain) for c in prediction.candidates],
    }
    if explain:
        answer["agreeing"] = prediction.agreeing
        split = prediction.split or {}
        answer["split"] = {name: round(share, 6) for name, share in split.items()}
    return answer


def candidate_answer(candidate: Candidate, *, explain: bool = False) -> dict[str, Any]:
    """Return one candidate for JSON."""
    answer: dict[str, Any] = {
        "net": candidate.net,
        "probability": round(candidate.probability, 6),
        "findings": [
            {"rule": item.rule, "severity": item.severity, "message": item.message}
            for item in candidate.findings
        ],
    }
    if explain:
        like = candidate.like
        answer["by_model"] = [round(value, 6) for value in candidate.by_model]
        answer["like"] = like and {
            "circuit": like.circuit,
            "device": like.device,
            "pin": like.pin,
            "likeness": round(like.likeness, 4),
            "same": list(like.same),
            "times": like.times,
        }
    return answer


def wire_answer(wire: SuspectWire) -> dict[str, Any]:
    """Return one suspicious wire for JSON."""
    return {
        "device": wire.device,
        "pin": wire.pin,
        "net": wire.net,
        "probability": round(wire.probability, 6),
        "better": [candidate_answer(item) for item in wire.better],
        "alike": wire.alike,
    }


def completed_answer(item: CompletedDevice) -> dict[str, Any]:
    """Return one completed device for JSON."""
    return {
        "device": item.device,
        "card": item.card,
        "probability": round(item.probability, 6),
        "pins": [
            {"pin": pin.pin, "net": pin.net, "probability": round(pin.probability, 6)}
            for pin in item.pins
        ],
    }


def verdict_answer(said: LinkVerification) -> dict[str, Any]:
    """Return what ngspice said for JSON."""
    return {
        **_one_verdict(said.after),
        "before": _one_verdict(said.before),
        "candidates": [
            {"device": device, "pin": pin, "net": net, **_one_verdict(verdict)}
            for device, pin, net, verdict in said.candidates
        ],
    }


def _one_verdict(said: Verification) -> dict[str, Any]:
    return {
        "status": said.status,
        "generic": said.generic,
        "sources": list(said.sources),
        "left_out": list(said.left_out),
        "off": list(said.off),
        "devices": [
            {
                "device": item.device,
                "on": item.on,
                "region": item.region,
                "current_a": item.current_a if math.isfinite(item.current_a) else None,
            }
            for item in said.devices
        ],
    }


def _candidate_cells(candidate: Candidate) -> tuple[str, str, str, str]:
    return (
        net_name(candidate.net),
        percent(candidate.probability),
        "#" * round(BAR * candidate.probability),
        ", ".join(dict.fromkeys(item.rule for item in candidate.findings)),
    )


def percent(probability: float) -> str:
    """Return a probability with one digit."""
    return f"{100 * probability:.1f} %"
