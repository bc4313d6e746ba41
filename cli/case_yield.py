"""``eda case yield``: a design of a case with many draws of chance, and how many of them pass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.options import Include, Json
from eda.cli.output import check_out, note, put, put_json, put_table, replacing, waiting

if TYPE_CHECKING:
    from eda.spice import Case, Corner, MonteCarloReport, Spec

YIELD_SCHEMA = "eda.case.yield/1"
NEGATIVE = 1
MOST_SEEDS: Final = 12

_QUANTITY: Final = re.compile(r"([-+]?[\d.]+(?:e[-+]?\d+)?)\s*([CV])", re.IGNORECASE)


def case_yield(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="The folder with case.json and deck.cir.")
    ],
    samples: Annotated[
        int, typer.Option("--samples", metavar="N", help="How many draws, at most.")
    ] = 200,
    spec: Annotated[
        str, typer.Option("--spec", help="A level of the case, or a JSON file with targets.")
    ] = "",
    design: Annotated[
        str, typer.Option("--design", help="A JSON file with sizes by name; else the nominal ones.")
    ] = "",
    corner: Annotated[
        str, typer.Option("--corner", help="Conditions, as ss,125C,1.62V; else nominal ones.")
    ] = "",
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", help="process or mismatch: switch it on in the models; repeatable."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Set a parameter of deck or models; repeatable."
        ),
    ] = None,
    target_yield: Annotated[
        float | None,
        typer.Option("--target-yield", metavar="Y", help="Stop once it is above or below Y."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Confidence of the interval.")] = 0.95,
    seed: Annotated[int, typer.Option(metavar="N", help="The first seed.")] = 1,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="OUT", help="Draw histograms and normal quantiles to OUT."),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Run samples even if they were run before.")
    ] = False,
    include: Include = None,
    json: Json = False,
) -> None:
    """Draw many samples of a design, and count how many meet the spec.

    Exit code 1 where the yield is below --target-yield or it is undecided, 2 where the case is
    refused or nothing in it is left to chance, 4 where it cannot be simulated.
    """
    from eda.spice import monte_carlo, read_case
    from eda.spice.case_fields import Place, numbers, read_json

    if plot is not None:
        check_out(plot)
    case = read_case(folder, include_dirs=include or ())
    wanted = case.spec(spec) if spec else None
    with waiting(f"simulating {samples} samples of {case.name}"):
        report = monte_carlo(
            case,
            samples=samples,
            seed=seed,
            design=dict(numbers(read_json(Path(design)), Place(design))) if design else None,
            corner=_corner(corner) if corner else None,
            spec=wanted,
            parameters=_parameters(given or ()),
            vary=vary or (),  # type: ignore[arg-type]  # a word that is none is refused there
            target_yield=target_yield,
            confidence=confidence,
            cache=not no_cache,
        )
    if plot is not None:
        _plot(case, wanted, report, plot)
    if json:
        put_json(YIELD_SCHEMA, _answer(case, report))
    else:
        _show(case, wanted, report)
    if target_yield is not None and report.verdict != "met":
        raise typer.Exit(NEGATIVE)


def _corner(text: str) -> Corner:
    """Return the conditions of a text such as ``ss, 125 C, 1.62 V``."""
    from eda.errors import InputError
    from eda.spice import Corner

    process = temperature = supply = None
    for part in filter(None, map(str.strip, text.split(","))):
        found = _QUANTITY.fullmatch(part)
        try:
            if found is None:
                process = part
            elif found[2] in "cC":
                temperature = float(found[1])
            else:
                supply = float(found[1])
        except ValueError:
            raise InputError(f"--corner has {part!r}; write it as ss,125C,1.62V") from None
    return Corner(process, temperature, supply)


def _parameters(given: list[str] | tuple[()]) -> dict[str, float]:
    from eda.errors import InputError
    from eda.numbers import parse_number

    made = {}
    for item in given:
        name, _, text = item.partition("=")
        value = parse_number(text.strip())
        if not name.strip() or value is None:
            raise InputError(f"--set has {item!r}; write it as NAME=VALUE")
        made[name.strip()] = value
    return made


def _statistics(case: Case, report: MonteCarloReport) -> dict[str, dict[str, float]]:
    """Return mean, standard deviation and extremes by metric, of the samples that have it."""
    made = {}
    for metric in case.metrics:
        if any(metric in sample.metrics for sample in report.samples):
            values = report.values(metric)
            alike = values.min() == values.max()  # where rounding would give a deviation
            made[metric] = {
                "samples": len(values),
                "mean": float(values.mean()),
                "sigma": 0.0 if alike else float(values.std(ddof=1)),
                "min": float(values.min()),
                "max": float(values.max()),
            }
    return made


def _answer(case: Case, report: MonteCarloReport) -> dict[str, Any]:
    low, high = report.interval
    return {
        "folder": str(case.folder),
        "name": case.name,
        "samples": len(report.samples),
        "planned": report.planned,
        "passes": report.passes,
        "yield": report.estimate,
        "interval": [low, high],
        "confidence": report.confidence,
        "target_yield": report.target_yield,
        "verdict": report.verdict if report.target_yield is not None else None,
        "varied": report.varied,
        "metrics": {
            name: {"unit": case.unit(name), **found}
            for name, found in _statistics(case, report).items()
        },
        "failing": [
            {"seed": item.seed, "status": item.status.value, "missed": list(item.missed)}
            for item in report.failing
        ],
    }


def _show(case: Case, spec: Spec | None, report: MonteCarloReport) -> None:
    low, high = report.interval
    count = len(report.samples)
    put(
        f"{case.name}: {report.passes} of {count} samples pass: yield "
        f"{100 * report.estimate:.4g} %, {100 * low:.4g} to {100 * high:.4g} % with "
        f"{100 * report.confidence:g} % confidence"
    )
    if report.target_yield is not None:
        stopped = f" after {count} of {report.planned} samples" if count < report.planned else ""
        put(f"a yield of {100 * report.target_yield:g} %: {report.verdict}{stopped}")
    put("")
    targets = {} if spec is None else spec.targets
    misses = {
        metric: sum(metric in sample.missed for sample in report.samples) for metric in targets
    }
    put_table(
        (
            (
                metric,
                *(f"{found[key]:.5g}" for key in ("mean", "sigma", "min", "max")),
                case.unit(metric),
                f"{targets[metric].op} {targets[metric].value:g}" if metric in targets else "",
                str(misses[metric]) if metric in targets else "",
            )
            for metric, found in _statistics(case, report).items()
        ),
        headers=("metric", "mean", "sigma", "min", "max", "unit", "target", "misses"),
        right=("mean", "sigma", "min", "max", "misses"),
    )
    for item in report.failing[:MOST_SEEDS]:
        ended = "" if item.status == "ok" else f" ended as {item.status.value}"
        missed = f" misses {', '.join(item.missed)}" if item.missed and not ended else ""
        put(f"seed {item.seed}:{ended}{missed}")
    if len(report.failing) > MOST_SEEDS:
        note(f"... and {len(report.failing) - MOST_SEEDS} more; --json names them all")
    if not report.varied and count > 1:
        note(
            "every sample gives the same: chance may be switched off in the models; try "
            "--vary mismatch, or --set with the parameter that switches it, or the process whose "
            "models hold the distributions (GF180: the section statistical)"
        )


def _plot(case: Case, spec: Spec | None, report: MonteCarloReport, out: Path) -> None:
    from eda.plots import save_figure, spread_figure

    values = {name: report.values(name) for name in _statistics(case, report)}
    figure = spread_figure(
        values,
        units={name: case.unit(name) for name in values},
        limits={} if spec is None else {name: t.value for name, t in spec.targets.items()},
        title=f"{case.name}: {len(report.samples)} samples",
    )
    with replacing(out) as temporary:
        save_figure(figure, temporary)
    note(f"wrote {out}")
