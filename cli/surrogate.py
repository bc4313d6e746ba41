"""``eda surrogate``: predict the metrics of designs without simulating them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Include, Json, Seed
from eda.cli.output import check_out, counting, note, put, put_json, put_table, waiting

if TYPE_CHECKING:
    from eda.spice import Case
    from eda.surrogate import CaseModel, Prediction
    from eda.surrogate.data import CaseData
    from eda.surrogate.evaluate import Score

BUILD_SCHEMA = "eda.surrogate.build-data/1"
TRAIN_SCHEMA = "eda.surrogate.train/1"
PREDICT_SCHEMA = "eda.surrogate.predict/1"
EVALUATE_SCHEMA = "eda.surrogate.evaluate/1"

Folder = Annotated[
    str, typer.Argument(metavar="CASE", help="A folder with case.json and deck.cir.")
]
Weights = Annotated[
    Path | None,
    typer.Option("--weights", metavar="DIR", help="Networks of your own; else the shipped ones."),
]
Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="FILE", help="What `eda surrogate train` wrote."),
]
Workers = Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Simulations at once.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        help="The neural simulator: predict designs of a sizing case without simulating them.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    commands.command("build-data", short_help="Simulate designs to learn from.")(build_data)
    commands.command("train", short_help="Fine-tune the simulator on one case.")(train)
    commands.command("predict", short_help="Predict the metrics of designs.")(predict)
    commands.command("evaluate", short_help="Measure how good predictions are.")(evaluate)
    app.add_typer(commands, name="surrogate", short_help="Predict designs without simulating them.")


def build_data(
    cases: Annotated[
        list[str], typer.Argument(metavar="CASE...", help="Folders with case.json and deck.cir.")
    ],
    count: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="Designs of each case.")
    ] = 1000,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for NAME.npz and its card.")
    ] = Path("surrogate-data"),
    seed: Seed = 0,
    workers: Workers = 2,
    include: Include = None,
    json: Json = False,
) -> None:
    """Simulate designs all over the space, near those that work, and between good ones.

    A run that was killed goes on where it was. Everything is read before anything is simulated.
    """
    from eda.surrogate import build_data as build

    read = [_case(folder, include) for folder in cases]
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for case in read:
        with counting(f"simulating {case.name}", count) as progress:
            data = build(
                case,
                count=count,
                out=out / f"{case.name}.npz",
                seed=seed,
                workers=workers,
                progress=progress,
            )
        rows.append({"file": str(out / f"{case.name}.npz"), **data.card})
    if json:
        put_json(BUILD_SCHEMA, {"cases": rows})
        return
    put_table(
        (
            (str(r["case"]), str(r["count"]), str(r["ok"]), str(r["alive"]), str(r["file"]))
            for r in rows
        ),
        headers=("case", "designs", "simulated", "work", "file"),
        right=("designs", "simulated", "work"),
    )


def train(
    folder: Folder,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="What build-data wrote; else made now."),
    ] = None,
    count: Annotated[
        int, typer.Option(min=10, max=20_000, metavar="N", help="Without --data: simulate N.")
    ] = 200,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The model; NAME.model.")
    ] = None,
    weights: Weights = None,
    seed: Seed = 0,
    workers: Workers = 2,
    include: Include = None,
    json: Json = False,
) -> None:
    """Fine-tune the simulator on one case, in seconds; intervals are made anew."""
    import time

    from eda.surrogate.model_file import save_model

    case = _case(folder, include)
    out = out or Path(f"{case.name}.model")
    check_out(out)
    given = _data(case, data)
    model = _bound(case, weights, workers)
    if given is None:
        given = _simulated(case, count, seed, workers)
    begun = time.perf_counter()
    with waiting(f"fine-tuning on {len(given)} designs"):
        model = model.fit_arrays(given.designs, given.metrics, given.ok, seed=seed)
    seconds = time.perf_counter() - begun
    save_model(model, out)
    answer = {
        "file": str(out),
        "case": case.name,
        "designs": len(given),
        "seconds": round(seconds, 2),
        "equations": model.why_no_physics or "solved",
    }
    if json:
        put_json(TRAIN_SCHEMA, answer)
    else:
        put(f"{out}: {case.name}, learned from {len(given)} designs in {seconds:.1f} s")
        if model.why_no_physics:
            note(f"its equations are not solved here: {model.why_no_physics}")
        note(f"use it: eda surrogate predict {folder} --designs designs.csv --model {out}")


def predict(
    folder: Folder,
    designs: Annotated[
        Path,
        typer.Option(
            "--designs", metavar="FILE", help="CSV: a header of parameter names, a design a line."
        ),
    ],
    model: Model = None,
    weights: Weights = None,
    workers: Workers = 2,
    include: Include = None,
    json: Json = False,
) -> None:
    """Predict every metric of designs, each with a 90 % interval, in the order of the file.

    Without --model the networks answer for a circuit that was never simulated.
    """
    from eda.surrogate import read_designs

    case = _case(folder, include)
    rows = read_designs(case, designs)
    bound = _bound(case, weights, workers, model)
    if bound.fitted is None and bound.why_no_physics:
        note(
            f"nothing is known of {case.name} before it is fine-tuned ({bound.why_no_physics}, "
            "which has no equations here); run: eda surrogate train"
        )
    with waiting(f"predicting {len(rows)} designs"):
        said = bound.predict(rows)
    if json:
        put_json(
            PREDICT_SCHEMA,
            {"predictions": said.to_dicts(), "alive": [float(chance) for chance in said.alive]},
        )
        return
    put_table(
        (
            (
                str(row + 1),
                f"{said.alive[row]:.2f}",
                *(
                    f"{said.value[row, at]:.4g} ({said.low[row, at]:.4g} to "
                    f"{said.high[row, at]:.4g})"
                    for at in range(len(said.metrics))
                ),
            )
            for row in range(len(said))
        ),
        headers=("design", "works", *said.metrics),
        right=("design", "works"),
    )


def evaluate(
    folder: Folder,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="What build-data wrote; else golden.csv."),
    ] = None,
    model: Model = None,
    weights: Weights = None,
    workers: Workers = 2,
    include: Include = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Draw predicted against simulated: .png .svg .pdf .html."),
    ] = None,
    json: Json = False,
) -> None:
    """Compare predictions with simulated designs: R2, coverage of intervals, telling dead ones.

    Designs that the model was fine-tuned on are left out.
    """
    import numpy as np

    from eda.surrogate.evaluate import score

    if plot is not None:
        check_out(plot)
    case = _case(folder, include)
    given = _data(case, data)
    rows, metrics = (given.designs, given.metrics) if given is not None else _golden(case)
    bound = _bound(case, weights, workers, model)
    if bound.fitted is not None:
        seen = {row.tobytes() for row in bound.fitted.designs}
        fresh = np.array([row.tobytes() not in seen for row in rows])
        rows, metrics = rows[fresh], metrics[fresh]
    if not len(rows):
        from eda.errors import InputError

        raise InputError("there is no design to evaluate the model on that it was not trained on")
    with waiting(f"predicting {len(rows)} designs"):
        said = bound.predict(rows)
    found = score(bound, said, metrics)
    if plot is not None:
        _draw(case, found, said, metrics, plot)
    if json:
        put_json(EVALUATE_SCHEMA, {"case": case.name, **_finite(found.to_dict())})
    else:
        _show(case, found)


def _case(folder: str, include: list[Path] | None) -> Case:
    from eda.spice import read_case

    return read_case(folder, include_dirs=include or ())


def _data(case: Case, path: Path | None) -> CaseData | None:
    from eda.surrogate import load_data

    return None if path is None else load_data(path, case)


def _bound(case: Case, weights: Path | None, workers: int, model: Path | None = None) -> CaseModel:
    from eda.surrogate import load_surrogate
    from eda.surrogate.model_file import load_model

    surrogate = load_surrogate(weights)
    if model is not None and not model.is_file():
        from eda.errors import WeightsError

        raise WeightsError(f"{model}: no such model; make one with: eda surrogate train")
    with waiting(f"sweeping the transistors of {case.name}"):
        bound = surrogate.for_case(case, workers=workers)
    return bound if model is None else load_model(bound, model)


def _simulated(case: Case, count: int, seed: int, workers: int) -> CaseData:
    from tempfile import TemporaryDirectory

    from eda.surrogate import build_data as build

    with (
        TemporaryDirectory() as folder,
        counting(f"simulating {case.name}", count) as progress,
    ):
        path = Path(folder) / "data.npz"
        return build(case, count=count, out=path, seed=seed, workers=workers, progress=progress)


def _golden(case: Case) -> tuple[Any, Any]:
    import numpy as np

    from eda.errors import InputError
    from eda.spice.case_golden import read_golden

    rows = read_golden(case)
    if not rows:
        raise InputError(
            f"{case.name} has no golden.csv to compare with; give --data, from: "
            "eda surrogate build-data"
        )
    return (
        np.array([list(row.design.values()) for row in rows]),
        np.array([list(row.metrics.values()) for row in rows]),
    )


def _show(case: Case, found: Score) -> None:
    auc = "" if found.auc is None else f", told from the others with an AUC of {found.auc:.3f}"
    put(f"{case.name}: {found.designs} designs, {found.alive} of them work{auc}\n")
    put_table(
        (
            (
                item.metric,
                str(item.designs),
                f"{item.r2:.4f}",
                f"{item.median_error:.3g}",
                f"{100 * item.coverage:.1f}",
                f"{100 * item.coverage_all:.1f}",
            )
            for item in found.metrics
        ),
        headers=("metric", "designs", "R2", "median error", "in 90 % interval", "dead ones too"),
        right=("designs", "R2", "median error", "in 90 % interval", "dead ones too"),
    )


def _draw(case: Case, found: Score, said: Prediction, metrics: Any, out: Path) -> None:
    from eda.plots import agreement_figure, save_figure
    from eda.surrogate.scales import FLOOR, is_alive

    live = is_alive(case, metrics)
    figure = agreement_figure(
        case.metrics,
        *(item[live] for item in (metrics, said.value, said.low, said.high)),
        units={name: case.unit(name) for name in case.metrics},
        logarithmic=[name for name in case.metrics if case.measures[name].kind in FLOOR],
        title=f"{case.name}: {int(live.sum())} designs that work, with 90 % intervals",
    )
    save_figure(figure, out)
    note(f"wrote {out}")


def _finite(value: Any) -> Any:
    """Return plain values with null where a number is none, which JSON cannot say."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
