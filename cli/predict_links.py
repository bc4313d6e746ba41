"""``eda predict-links``: which net does each open pin of a circuit belong on?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, File, Include, Json, Seed, SubcircuitName, TrustDeck
from eda.cli.output import note, put, put_json, put_table, replacing, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links import Candidate, LinkPrediction, SelftestResult, SuspectWire

SCHEMA = "eda.predict-links/1"
AUDIT_SCHEMA = "eda.predict-links.audit/1"
SELFTEST_SCHEMA = "eda.predict-links.selftest/1"

SHOWN = 5
"""Candidates of a pin, and suspicious wires, in a table where ``--top`` says nothing."""

BAR = 20
"""Characters of a full probability bar."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict-links")(predict_links)


def predict_links(
    file: File,
    pin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="M3.g",
            help="Ask for this pin (device.role or device.number), open or not; may be repeated.",
        ),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Give the K best nets of each pin.")
    ] = None,
    subcircuit: SubcircuitName = None,
    apply: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", help="Write FILE to OUT with the open pins on their best nets."
        ),
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="List the wires that look wrong instead.")
    ] = False,
    selftest: Annotated[
        bool, typer.Option("--selftest", help="Hide pins of FILE and score the answers instead.")
    ] = False,
    seed: Seed = 0,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Rank the nets of the circuit for every open pin.

    A pin is open when its net is touched by nothing else and is no port, or when its net is
    written as a question mark. Nets that would break an electrical rule are marked.
    """
    if audit and selftest:
        raise typer.BadParameter("choose one of --audit and --selftest")
    if (audit or selftest) and (pin or apply):
        raise typer.BadParameter("--pin and --apply do not go with --audit or --selftest")
    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    flat = circuit.flatten(subcircuit=subcircuit)
    if audit:
        _audit(file, flat, top=top, json=json)
    elif selftest:
        _selftest(file, flat, seed=seed, json=json)
    else:
        _predict(file, flat, pin or [], top, apply, json)


def _predict(
    file: str,
    flat: Circuit,
    pins: Sequence[str],
    top: int | None,
    apply: Path | None,
    json: bool,
) -> None:
    import eda

    asked = [_pin(flat, text) for text in pins] or None
    with waiting("ranking nets"):
        predictions = eda.predict_links(flat, pins=asked, top=top)
    if apply is not None:
        # First, so that nothing is printed where the answer cannot be written.
        _apply(file, flat, predictions, apply)
    if json:
        put_json(SCHEMA, {"file": file, "open_pins": [_pin_answer(item) for item in predictions]})
    else:
        _show(file, flat, predictions, top)


def _pin(flat: Circuit, text: str) -> tuple[str, str]:
    """Return (device, role) of ``M3.g`` or ``M3.2``; a device name may hold dots itself."""
    from eda.errors import LinkQueryError

    name, dot, role = text.rpartition(".")
    if not dot or not name or not role:
        raise LinkQueryError(f"{text!r} names no pin; write device.role, as M3.g")
    device = flat.device_by_name.get(name.lower())
    if device is not None and role.isdecimal() and role not in device.roles:
        number = int(role)
        if not 1 <= number <= len(device.roles):
            raise LinkQueryError(
                f"{device.name} has no pin number {number}; it has {len(device.roles)}:"
                f" {', '.join(device.roles)}"
            )
        role = device.roles[number - 1]
    return name, role


def _pin_answer(prediction: LinkPrediction) -> dict[str, Any]:
    return {
        "device": prediction.device,
        "pin": prediction.pin,
        "candidates": [_candidate_answer(item) for item in prediction.candidates],
    }


def _candidate_answer(candidate: Candidate) -> dict[str, Any]:
    return {
        "net": candidate.net,
        "probability": round(candidate.probability, 6),
        "findings": [
            {"rule": item.rule, "severity": item.severity, "message": item.message}
            for item in candidate.findings
        ],
    }


def _show(file: str, flat: Circuit, predictions: Sequence[LinkPrediction], top: int | None) -> None:
    if not predictions:
        put(f"{file}: no open pin among {len(flat.devices)} devices")
        return
    pins = "1 open pin" if len(predictions) == 1 else f"{len(predictions)} open pins"
    put(f"{file}: {pins}, {len(flat.devices)} devices, {len(flat.nets)} nets\n\n")
    rows = []
    for prediction in predictions:
        first = f"{prediction.device}.{prediction.pin}"
        for candidate in prediction.candidates[: top or SHOWN]:
            rows.append((first, *_candidate_cells(candidate)))
            first = ""
    put_table(rows, headers=("pin", "net", "probability", "", "breaks"), right=("probability",))


def _candidate_cells(candidate: Candidate) -> tuple[str, str, str, str]:
    return (
        _net(candidate.net),
        _percent(candidate.probability),
        _bar(candidate.probability),
        ", ".join(dict.fromkeys(item.rule for item in candidate.findings)),
    )


def _net(net: str | None) -> str:
    return "(none of them)" if net is None else net


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f} %"


def _bar(probability: float) -> str:
    return "#" * round(BAR * probability)


def _apply(
    file: str,
    flat: Circuit,
    predictions: Sequence[LinkPrediction],
    out: Path,
) -> None:
    from eda.links import complete_circuit
    from eda.spice import write_source

    completed = complete_circuit(flat, predictions)
    with replacing(out, inputs=[file, *(item.path for item in flat.files)]) as temporary:
        write_source(completed, temporary)
    done = [
        f"{item.device}.{item.pin} on {net}"
        for item in predictions
        if (net := completed.device(item.device).net(item.pin))
        != flat.device(item.device).net(item.pin)
    ]
    left = [f"{item.device}.{item.pin}" for item in predictions if item.joint is None]
    rest = f"; left as it is, on none of the nets: {', '.join(left)}" if left else ""
    note(f"wrote {out}: {', '.join(done) or 'nothing changed'}{rest}")


def _audit(file: str, flat: Circuit, *, top: int | None, json: bool) -> None:
    import eda

    with waiting("looking for wires that seem wrong"):
        shown = eda.audit_links(flat, top=top if json else top or SHOWN)
    if json:
        put_json(AUDIT_SCHEMA, {"wires": [_wire_answer(wire) for wire in shown]})
        return
    put(f"{file}: {len(flat.devices)} devices; the most suspicious wires first\n\n")
    put_table(
        (
            (
                f"{wire.device}.{wire.pin}",
                wire.net if wire.alike == 1 else f"{wire.net} and {wire.alike - 1} alike",
                _percent(wire.probability),
                _net(wire.better[0].net) if wire.better else "",
                _percent(wire.better[0].probability) if wire.better else "",
            )
            for wire in shown
        ),
        headers=("pin", "is on", "likely", "rather on", "likely "),
        right=("likely", "likely "),
    )


def _wire_answer(wire: SuspectWire) -> dict[str, Any]:
    return {
        "device": wire.device,
        "pin": wire.pin,
        "net": wire.net,
        "probability": round(wire.probability, 6),
        "better": [_candidate_answer(item) for item in wire.better],
        "alike": wire.alike,
    }


def _selftest(file: str, flat: Circuit, *, seed: int, json: bool) -> None:
    from eda.links import selftest

    with waiting("hiding pins and asking for them"):
        result: SelftestResult = selftest(flat, seed=seed)
    if json:
        put_json(
            SELFTEST_SCHEMA,
            {
                "queries": result.queries,
                "hits_at_1": result.hits_at_1,
                "hits_at_3": result.hits_at_3,
                "mrr": result.mrr,
            },
        )
        return
    put(
        f"{file}: of {result.queries} pins hidden one at a time,"
        f" {_percent(result.hits_at_1)} came first, {_percent(result.hits_at_3)} among the first"
        f" three; mean reciprocal rank {result.mrr:.3f}"
    )
