"""``eda predict-links``: which net does each open pin of a circuit belong on?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.logic_input import logic_format_of
from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, File, Include, Json, Seed, SubcircuitName, TrustDeck
from eda.cli.output import check_out, note, put, put_json, replacing, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links import LinkPrediction, SelftestResult
    from eda.links.verify import LinkVerification
    from eda.links.weights import Weights

SCHEMA = "eda.predict-links/1"
AUDIT_SCHEMA = "eda.predict-links.audit/1"
SELFTEST_SCHEMA = "eda.predict-links.selftest/1"
COMPLETE_SCHEMA = "eda.predict-links.complete/1"
NOT_SOLVED = 1
FAILED = 4


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
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Say of each candidate what it resembles, breaks, and who agrees."
        ),
    ] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="Print the devices with open pins completed instead.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Run the completed circuit in ngspice: does it solve, which transistors conduct?",
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="OUT.html", help="Write the candidates and reasons as a page."),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Use the weights there, as `eda train links` made them."),
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
    written as a question mark. Nets that would break an electrical rule are marked. In a logic
    file an AND is open that reads the constant 1, and its missing signal is ranked.
    """
    logic = logic_format_of(file)
    if logic is not None:
        from eda.cli.predict_links_logic import predict_logic
        from eda.errors import InputError

        if any((pin, subcircuit, apply, explain, complete, verify, report, audit, selftest)):
            raise InputError(
                f"{file}: this is a logic file, which takes --top, --weights, --seed and --json; "
                "the other options are of netlists of devices"
            )
        predict_logic(file, format=logic, weights=weights, top=top, seed=seed, json=json)
        return
    if audit and selftest:
        raise typer.BadParameter("choose one of --audit and --selftest")
    if (audit or selftest) and (pin or apply):
        raise typer.BadParameter("--pin and --apply do not go with --audit or --selftest")
    if (audit or selftest) and (explain or complete or verify or report):
        raise typer.BadParameter(
            "--explain, --complete, --verify and --report do not go with --audit or --selftest"
        )
    if complete and (pin or explain):
        raise typer.BadParameter("--pin and --explain do not go with --complete")
    models = _models(weights)
    for out in (apply, report):
        if out is not None:
            check_out(out, inputs=[file])
    import eda

    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    flat = circuit.flatten(subcircuit=subcircuit)
    if audit:
        _audit(file, flat, models, top=top, json=json)
    elif selftest:
        _selftest(file, flat, models, seed=seed, json=json)
    else:
        asked = [_pin(flat, text) for text in pin or ()] or None
        with waiting("ranking nets"):
            predictions = eda.predict_links(
                flat, pins=asked, models=models, explain=explain or report is not None
            )
        said = _verify(flat, predictions, top) if verify and predictions else None
        # Files first, so that nothing is printed where they cannot be written.
        if apply is not None:
            _apply(file, flat, predictions, apply)
        if report is not None:
            _report(file, flat, predictions, said, report)
        if complete:
            _complete(file, flat, predictions, said, json=json)
        else:
            _answer(file, flat, predictions, said, top=top, explain=explain, json=json)
        if said is not None and not said.after.solved:
            from eda.links.verify import UNFINISHED

            raise typer.Exit(FAILED if said.after.status in UNFINISHED else NOT_SOLVED)


def _answer(
    file: str,
    flat: Circuit,
    predictions: Sequence[LinkPrediction],
    said: LinkVerification | None,
    *,
    top: int | None,
    explain: bool,
    json: bool,
) -> None:
    from eda.cli.predict_links_text import pin_answer, show_pins, show_verdict, verdict_answer

    predictions = [replace(item, candidates=item.candidates[:top]) for item in predictions]
    if json:
        pins = [pin_answer(item, explain=explain) for item in predictions]
        verdict = {} if said is None else {"verify": verdict_answer(said)}
        put_json(SCHEMA, {"file": file, "open_pins": pins, **verdict})
        return
    show_pins(file, flat, predictions, top=top, explain=explain)
    if said is not None:
        show_verdict(said)


def _complete(
    file: str,
    flat: Circuit,
    predictions: Sequence[LinkPrediction],
    said: LinkVerification | None,
    *,
    json: bool,
) -> None:
    from eda.cli.predict_links_text import (
        completed_answer,
        show_completed,
        show_verdict,
        verdict_answer,
    )
    from eda.links.cards import completed_devices

    devices = completed_devices(flat, predictions)
    if json:
        verdict = {} if said is None else {"verify": verdict_answer(said)}
        done = [completed_answer(item) for item in devices]
        put_json(COMPLETE_SCHEMA, {"file": file, "devices": done, **verdict})
        return
    if not devices:
        put(f"{file}: no open pin among {len(flat.devices)} devices")
    show_completed(devices)
    if said is not None:
        show_verdict(said)


def _verify(
    flat: Circuit, predictions: Sequence[LinkPrediction], top: int | None
) -> LinkVerification:
    from eda.links.verify import verify_links

    with waiting("simulating"):
        return verify_links(flat, predictions, top=top or 1)


def _report(
    file: str,
    flat: Circuit,
    predictions: Sequence[LinkPrediction],
    said: LinkVerification | None,
    out: Path,
) -> None:
    from eda.links.html_report import html_report

    with replacing(out, inputs=[file, *(item.path for item in flat.files)]) as temporary:
        page = html_report(flat, predictions, title=file, verification=said)
        temporary.write_text(page, encoding="utf-8")
    note(f"wrote {out}")


def _models(weights: Path | None) -> list[Weights] | None:
    if weights is None:
        return None
    from eda.links.weights import weights_in

    return weights_in(weights)


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


def _audit(
    file: str, flat: Circuit, models: list[Weights] | None, *, top: int | None, json: bool
) -> None:
    import eda
    from eda.cli.predict_links_text import SHOWN, show_wires, wire_answer

    with waiting("looking for wires that seem wrong"):
        wires = eda.audit_links(flat, top=top if json else top or SHOWN, models=models)
    if json:
        put_json(AUDIT_SCHEMA, {"wires": [wire_answer(wire) for wire in wires]})
    else:
        show_wires(file, flat, wires)


def _selftest(
    file: str, flat: Circuit, models: list[Weights] | None, *, seed: int, json: bool
) -> None:
    from eda.cli.predict_links_text import percent
    from eda.links import selftest

    with waiting("hiding pins and asking for them"):
        result: SelftestResult = selftest(flat, seed=seed, models=models)
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
        f" {percent(result.hits_at_1)} came first, {percent(result.hits_at_3)} among the first"
        f" three; mean reciprocal rank {result.mrr:.3f}"
    )
