"""Learning which recipe gains how much per second, on circuits apart from those that are tested.

Each recipe is run once on each circuit as it is ("fresh"), and once on what two rounds of others
made of it ("polished"). The table holds mean gains per second by size of the circuit and state.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from eda.logic.bandit import size_class
from eda.logic.engine import run_pieces, run_steps, usable
from eda.logic.objective import OBJECTIVES, Objective
from eda.logic.recipes import BY_NAME, PIECES
from eda.logic.windows import cut, put_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from eda.aig import Aig
    from eda.logic.recipes import Recipe

_ANYTIME_SECONDS: Final = 2.0
_LIMIT_SECONDS: Final = 6.0


def learn_gains(
    circuits: Iterable[Aig], *, seed: int = 0, log: Callable[[str], object] = lambda _text: None
) -> dict[str, dict[str, dict[str, float]]]:
    """Return gains per second: by objective, by size and state, by recipe.

    Args:
        circuits: To learn from; combinational logic of each is taken.
        seed: Draws the windows.
        log: Called with what is being done.
    """
    rng = random.Random(seed)
    seen: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for number, circuit in enumerate(circuits):
        log(f"circuit {number}: {circuit.num_ands} ANDs")
        fresh = circuit.combinational()
        chain = [BY_NAME["extract"], BY_NAME["resyn2"], BY_NAME["extract"]]
        polished = run_steps(fresh, chain, seconds=4 * _LIMIT_SECONDS).circuits
        states = {"fresh": fresh}
        if polished:
            states["polished"] = min(polished, key=lambda item: item.num_ands)
        for state, source in states.items():
            for arm, made, used in _every_arm(source, rng):
                for name in OBJECTIVES:
                    goal = Objective(name)
                    gain = max((goal.gain(source, item) for item in made), default=0.0)
                    key = (name, f"{size_class(source.num_ands)}/{state}", arm)
                    seen[key].append(gain / max(used, 0.02))
    table: dict[str, dict[str, dict[str, float]]] = {}
    for (name, state, arm), rates in sorted(seen.items()):
        mean = sum(rates) / len(rates)
        table.setdefault(name, {}).setdefault(state, {})[arm] = round(mean, 5)
    return table


def _every_arm(source: Aig, rng: random.Random) -> Iterable[tuple[str, list[Aig], float]]:
    for recipe in usable():
        if recipe.anytime and source.num_ands > 6000:
            continue
        chain = _chain(recipe)
        limit = _ANYTIME_SECONDS + 0.5 if recipe.anytime else _LIMIT_SECONDS
        made = run_steps(source, chain, seconds=limit, share=0.8)
        yield recipe.name, list(made.circuits), made.seconds
    for name, piece in PIECES.items():
        if source.num_ands <= 150:
            continue
        windows = cut(source, piece.ands, rng)
        chosen = rng.sample(range(len(windows)), min(3, len(windows)))
        done = run_pieces(
            {at: windows[at].logic for at in chosen}, piece.steps, seconds=_LIMIT_SECONDS
        )
        better = {
            at: logic
            for at, logic in done.circuits.items()
            if logic.num_ands < windows[at].logic.num_ands
        }
        yield name, [put_back(source, windows, better)] if better else [], done.seconds


def _chain(recipe: Recipe) -> list[Recipe]:
    if recipe.anytime or recipe.engine != "abc":
        return [recipe]
    return [recipe, BY_NAME["compress2rs"]]


def write_gains(table: dict[str, Any], path: Path, *, what: str) -> None:
    """Write the table with a word on where it comes from."""
    text = json.dumps({"what": what, "gains": table}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
