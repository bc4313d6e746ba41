"""``eda case corners``: a design of a case at every process, supply and temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Include, Json
from eda.cli.output import complain, put, put_json, put_table, waiting

if TYPE_CHECKING:
    from eda.spice import Case, Corner, CornerReport, Spec

CORNERS_SCHEMA = "eda.case.corners/1"
NEGATIVE = 1
FAILED = 4


def corners(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="The folder with case.json and deck.cir.")
    ],
    spec: Annotated[
        str, typer.Option("--spec", help="A level of the case, or a JSON file with targets.")
    ] = "",
    design: Annotated[
        str, typer.Option("--design", help="A JSON file with sizes by name; else the nominal ones.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Go on after a corner that fails the spec.")
    ] = False,
    include: Include = None,
    json: Json = False,
) -> None:
    """Simulate a design at the corners of its case, those first that are likely to fail.

    With --spec it stops at a corner that fails. Exit code 1 where a corner misses the spec, 2
    where the case or the design is refused, 4 where a corner cannot be simulated.
    """
    from pathlib import Path

    from eda.spice import read_case, sweep_corners
    from eda.spice.case_fields import Place, numbers, read_json

    case = read_case(folder, include_dirs=include or ())
    wanted = case.spec(spec) if spec else None
    sizes = case.nominal
    if design:
        sizes = dict(numbers(read_json(Path(design)), Place(design)))
    with waiting(f"simulating {case.name} at {len(case.corners)} corners"):
        report = sweep_corners(case, sizes, spec=wanted, stop_on_fail=not every)
    if json:
        put_json(CORNERS_SCHEMA, _answer(case, report))
    else:
        _show(case, wanted, report)
    if not all(outcome.result.ok for outcome in report.outcomes):
        raise typer.Exit(FAILED)
    if report.failing is not None:
        raise typer.Exit(NEGATIVE)


def _answer(case: Case, report: CornerReport) -> dict[str, Any]:
    failing = report.failing
    return {
        "folder": str(case.folder),
        "name": case.name,
        "ok": report.ok,
        "failing": None if failing is None else _conditions(failing.corner),
        "simulated": report.simulated,
        "cached": report.cached,
        "skipped": len(report.skipped),
        "worst": {
            name: {"value": worst.value, "unit": case.unit(name), **_conditions(worst.corner)}
            for name, worst in report.worst.items()
        },
        "corners": [
            {
                **_conditions(outcome.corner),
                "status": outcome.result.status.value,
                "missed": list(outcome.missed),
                "metrics": dict(outcome.result.metrics),
            }
            for outcome in report.outcomes
        ],
    }


def _conditions(corner: Corner) -> dict[str, Any]:
    return {
        "process": corner.process,
        "temperature_c": corner.temperature_c,
        "supply_v": corner.supply_v,
    }


def _show(case: Case, spec: Spec | None, report: CornerReport) -> None:
    tried, skipped = len(report.outcomes), len(report.skipped)
    put(f"{case.name}: {tried} corners tried, {skipped} skipped")
    put("")
    targets = {} if spec is None else spec.targets
    put_table(
        (
            (
                metric,
                f"{worst.value:.6g}",
                case.unit(metric),
                str(worst.corner),
                f"{targets[metric].op} {targets[metric].value:g}"
                f"{'' if targets[metric].met_by(worst.value) else ' missed'}"
                if metric in targets
                else "",
            )
            for metric, worst in report.worst.items()
        ),
        headers=("metric", "worst", "unit", "at", "target"),
        right=("worst",),
    )
    for outcome in report.outcomes:
        if not outcome.result.ok:
            complain(f"{outcome.corner}: ended as {outcome.result.status.value}")
            complain(outcome.result.log)
        elif outcome.missed:
            put(f"{outcome.corner}: misses {', '.join(outcome.missed)}")
