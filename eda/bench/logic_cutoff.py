"""``eda bench logic``, writing circuits token by token: no violation, and how large they become."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from eda.aig import Aig, read_aiger
from eda.bench.table import Table
from eda.logic.abc import find_abc
from eda.logic.cutoff import Cutoff
from eda.logic.cutoff_policies import by_chance, greedy, noisy, search, write_all
from eda.logic.engine import run_pieces
from eda.logic.generate import random_circuit, random_function, window_of
from eda.logic.recipes import COMPRESS2RS, RESYN2
from eda.logic.truth import tables_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.bench.resume import Kept

EPISODES: Final = 10_000
QUICK_CIRCUITS: Final = 20
CIRCUITS: Final = 60
_SCRIPTS: Final = {
    "resyn2": RESYN2,
    "compress2rs x2": f"{COMPRESS2RS}; {COMPRESS2RS}",
    "&deepsyn 1 s": "&get -n; &deepsyn -T 1; &put",
}


def cutoff_tables(
    epfl: Path | None, *, full: bool, seed: int, log: Callable[[str], object], kept: Kept
) -> list[Table]:
    """Return what episodes come to, and mean ANDs beside ABC's."""
    log(f"{EPISODES} episodes")
    episodes = kept.get(f"episodes/{EPISODES}/{seed}", lambda: _episodes(seed))
    count = CIRCUITS if full else QUICK_CIRCUITS
    playouts = 400 if full else 100
    rows = []
    rng = random.Random(seed)
    circuits = [random_circuit(8, 2, rng) for _ in range(count)]
    rows.append(_sizes("random, 8 inputs, 2 outputs", circuits, playouts, seed, log, kept))
    windows = _windows(epfl, count, seed) if epfl is not None else []
    if windows:
        rows.append(_sizes("windows of EPFL, 8 inputs", windows, playouts, seed, log, kept))
    return [
        Table(
            "Circuits written token by token: episodes",
            ("policy", "episodes", "finished", "violations"),
            tuple(
                (item["policy"], item["episodes"], item["finished"], item["violations"])
                for item in episodes
            ),
            ("2 to 8 inputs, 1 or 2 outputs; each finished circuit compared with its tables",),
        ),
        Table(
            "Circuits written token by token: mean ANDs",
            (
                "functions",
                "count",
                "given",
                "greedy",
                f"search, {playouts} playouts",
                *_SCRIPTS,
                "smaller / equal / larger than resyn2",
            ),
            tuple(rows),
            (
                "each recipe starts from the given circuit, the policies from the truth tables",
                "windows: cones of ANDs on 8 signals, from 8 circuits; no policy is trained",
            ),
        ),
    ]


def _episodes(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    shares = (("chance", by_chance, 0.5), ("greedy", greedy, 0.2), ("noisy greedy", noisy, 0.3))
    for name, policy, share in shares:
        score: dict[str, Any] = {
            "policy": name,
            "episodes": int(EPISODES * share),
            "finished": 0,
            "violations": 0,
        }
        for number in range(int(score["episodes"])):
            inputs = 2 + number % 4 if number % 10 else 8
            tables = (
                [rng.getrandbits(1 << inputs) for _ in range(1 + number % 2)]
                if inputs < 6
                else random_function(inputs, 1 + number % 2, rng)
            )
            state = write_all(Cutoff(inputs, tables), policy, rng)
            if state.finished:
                score["finished"] += 1
                score["violations"] += tables_of(state.to_aig()) != tables
        found.append(score)
    return found


def _windows(folder: Path, count: int, seed: int) -> list[Aig]:
    rng = random.Random(seed)
    names = ("cavlc", "i2c", "router", "int2float", "max", "sin", "square", "priority")
    paths = [folder / f"{name}.aig" for name in names]
    whole = [read_aiger(path) for path in paths if path.is_file()]
    found = [window_of(rng.choice(whole), 8, rng) for _ in range(count)] if whole else []
    return [item for item in found if item is not None]


def _sizes(
    what: str,
    circuits: list[Aig],
    playouts: int,
    seed: int,
    log: Callable[[str], object],
    kept: Kept,
) -> tuple[Any, ...]:
    sizes: dict[str, list[int]] = {"given": [item.num_ands for item in circuits]}
    sizes |= {"greedy": [], "search": []}
    for number, aig in enumerate(circuits):
        found = kept.get(
            f"cutoff/{what}/{number}/{playouts}/{seed}", partial(_written, aig, playouts, seed)
        )
        sizes["greedy"].append(found["greedy"])
        sizes["search"].append(found["search"])
    log(f"{what}: written")
    for name, script in _SCRIPTS.items():
        if find_abc() is None:
            sizes[name] = []
            continue
        sizes[name] = kept.get(
            f"cutoff/{what}/{name}/{len(circuits)}/{seed}",
            partial(_recipe, circuits, script),
        )
    means = [sum(values) / len(values) if values else None for values in sizes.values()]
    pairs = list(zip(sizes["search"], sizes["resyn2"], strict=False))
    counts = (
        sum(a < b for a, b in pairs),
        sum(a == b for a, b in pairs),
        sum(a > b for a, b in pairs),
    )
    return (what, len(circuits), *means, " / ".join(map(str, counts)))


def _written(aig: Aig, playouts: int, seed: int) -> dict[str, int]:
    """Return sizes; a circuit that was not finished counts as the given one."""
    tables = tables_of(aig)
    state = Cutoff(aig.num_inputs, tables)
    plain = write_all(state.replayed([]), greedy, random.Random(seed))
    best = search(state, playouts=playouts, seed=seed)
    return {
        "greedy": plain.to_aig().num_ands if plain.finished else aig.num_ands,
        "search": best.to_aig().num_ands if best.finished else aig.num_ands,
    }


def _recipe(circuits: list[Aig], script: str) -> list[int]:
    made = run_pieces(dict(enumerate(circuits)), script, seconds=3.0 * len(circuits))
    return [
        min(aig.num_ands, made.circuits[at].num_ands) if at in made.circuits else aig.num_ands
        for at, aig in enumerate(circuits)
    ]
