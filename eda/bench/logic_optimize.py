"""``eda bench logic``, optimisation: the portfolio beside single recipes, at equal time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from eda.aig import read_aiger, strash
from eda.bench.logic_synthesis import geomean
from eda.bench.table import Table
from eda.logic.engine import run_steps
from eda.logic.equivalence import check_equivalence
from eda.logic.mapping import map_luts
from eda.logic.objective import Objective
from eda.logic.optimize import optimize_aig
from eda.logic.recipes import BY_NAME, SINGLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.aig import Aig
    from eda.bench.resume import Kept

QUICK: Final = ("ctrl", "router", "cavlc", "priority")
QUICK_SECONDS: Final = 4.0
SECONDS: Final = 10.0
SEEDS: Final = 5
PROOF_SECONDS: Final = 60.0
_CHAIN: Final = 12


def optimize_tables(
    folder: Path,
    *,
    full: bool,
    seed: int,
    log: Callable[[str], object],
    kept: Kept,
    objectives: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    seconds: float = 0.0,
) -> list[Table]:
    """Return a table per objective: each circuit under each recipe alone and the portfolio.

    Args:
        folder: The EPFL circuits.
        full: All of them, all objectives, five seeds, ten seconds; else a few, ANDs, one, four.
        seed: The first seed.
        log: Called with what is being done.
        kept: What was measured before.
        objectives: These only.
        names: These circuits only.
        seconds: This time instead.
    """
    chosen = names or (tuple(p.stem for p in sorted(folder.glob("*.aig"))) if full else QUICK)
    goals = objectives or (("ands", "levels", "product") if full else ("ands",))
    time_s = seconds or (SECONDS if full else QUICK_SECONDS)
    seeds = range(seed, seed + (SEEDS if full else 1))
    return [_table(folder, chosen, goal, time_s, list(seeds), log=log, kept=kept) for goal in goals]


def _table(
    folder: Path,
    names: tuple[str, ...],
    objective: str,
    seconds: float,
    seeds: list[int],
    *,
    log: Callable[[str], object],
    kept: Kept,
) -> Table:
    goal = Objective(objective)
    rows: list[tuple[Any, ...]] = []
    ratios: dict[str, list[float]] = {name: [] for name in (*SINGLE, "random", "here")}
    luts: list[float] = []
    worse = 0
    for name in names:
        path = folder / f"{name}.aig"
        start = goal.key(strash(read_aiger(path)))[0]
        alone = {
            recipe: kept.get(
                f"single/{name}/{recipe}/{objective}/{seconds:g}",
                partial(_single, path, recipe, objective, seconds),
            )
            for recipe in SINGLE
        }
        found: dict[str, list[dict[str, Any]]] = {"learned": [], "random": []}
        for order in found:
            for number in seeds:
                key = f"optimize/{name}/{order}/{objective}/{seconds:g}/{number}"
                found[order].append(
                    kept.get(
                        key,
                        partial(_portfolio, path, objective, seconds, number, order),
                    )
                )
        here = sum(item["value"] for item in found["learned"]) / len(seeds)
        chance = sum(item["value"] for item in found["random"]) / len(seeds)
        best_name = min(alone, key=lambda recipe: alone[recipe]["value"])
        best = alone[best_name]["value"]
        worse += here > best
        for recipe, item in alone.items():
            ratios[recipe].append(max(item["value"], 1) / max(start, 1))
        ratios["random"].append(max(chance, 1) / max(start, 1))
        ratios["here"].append(max(here, 1) / max(start, 1))
        spread = max(x["value"] for x in found["learned"]) - min(
            x["value"] for x in found["learned"]
        )
        before, after = (found["learned"][0][key] for key in ("luts_before", "luts"))
        if before and after:
            luts.append(after / before)
        rows.append(
            (
                name,
                start,
                best,
                best_name,
                chance,
                here,
                spread,
                found["learned"][0]["proof"],
                before,
                after,
            )
        )
        log(f"{objective} {name}: {start} -> {here:g}; best alone {best} ({best_name})")
    means = {name: geomean(values) or 1.0 for name, values in ratios.items()}
    single = min(SINGLE, key=lambda recipe: means[recipe])
    rows.append(
        (
            "geometric mean, over the input",
            1.0,
            means[single],
            single,
            means["random"],
            means["here"],
            None,
            "",
            1.0,
            geomean(luts),
        )
    )
    others = ", ".join(f"{recipe} {means[recipe]:.3f}" for recipe in SINGLE)
    return Table(
        f"Optimisation, objective {objective}: {seconds:g} s of processor time each",
        (
            "circuit",
            "input",
            "best recipe alone",
            "which",
            "random order",
            "here",
            "max - min",
            "proved by",
            "LUT-6 before",
            "after",
        ),
        tuple(rows),
        (
            f"here: mean of {len(seeds)} seed(s); worse than the best recipe alone on {worse} of "
            f"{len(names)} circuits",
            f"each recipe alone, repeated while its time lasts, over the input: {others}",
            f"every result proved, in at most {PROOF_SECONDS:g} s beside; unproved counts as the "
            "input, for all columns",
        ),
    )


def _single(path: Path, recipe: str, objective: str, seconds: float) -> dict[str, Any]:
    """Repeat a recipe until its time is over, or it gains nothing any more."""
    goal = Objective(objective)
    start = strash(read_aiger(path)).combinational()
    best = here = start
    left = seconds
    parts = [BY_NAME[name] for name in SINGLE[recipe]]
    if any(part.anytime for part in parts):
        made = run_steps(start, parts, seconds=seconds + 1, share=seconds / (seconds + 1))
        best = min((start, *made.circuits), key=goal.key)
        left = 0.0
    while left > 0.05:
        made = run_steps(here, parts * _CHAIN, seconds=left)
        left -= made.seconds
        if not made.circuits:
            break
        before = best
        best = min((best, *made.circuits), key=goal.key)
        here = made.circuits[-1]
        if goal.key(best) == goal.key(before):
            break
    return {"value": goal.key(_proved(start, best))[0]}


def _proved(start: Aig, made: Aig) -> Aig:
    return made if check_equivalence(start, made, seconds=PROOF_SECONDS).equivalent else start


def _portfolio(path: Path, objective: str, seconds: float, seed: int, order: str) -> dict[str, Any]:
    aig = read_aiger(path)
    made = optimize_aig(
        aig,
        seconds=seconds,
        objective=objective,
        seed=seed,
        order=order,
        proof_seconds=PROOF_SECONDS,
    )
    found: dict[str, Any] = {
        "value": Objective(objective).key(made.aig)[0],
        "ands": made.ands,
        "levels": made.levels,
        "proof": made.proof,
        "luts_before": None,
        "luts": None,
    }
    if order == "learned":
        before, after = map_luts(aig), map_luts(made.aig)
        if before and after:
            found |= {"luts_before": before[0], "luts": after[0]}
    return found
