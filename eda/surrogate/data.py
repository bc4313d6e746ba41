"""Training data of a case: designs, metrics and operating points, made by the farm, resumable.

A file ``NAME.npz`` holds the arrays and ``NAME.json`` the card. While it is made, finished
blocks lie in ``NAME.parts/``; a run that was killed goes on after the last of them.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import DatasetError, InputError
from eda.surrogate import sampling
from eda.surrogate.designs import as_mappings
from eda.surrogate.scales import is_alive, metric_array

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from eda.spice import Case
    from eda.spice.simulator import Simulator

FORMAT: Final = "eda.surrogate.data/1"
BLOCK: Final = 64
"""Designs between two writes."""
MAX_BYTES: Final = 1 << 30
MAX_COUNT: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class CaseData:
    """Simulated designs of a case.

    Attributes:
        designs: SI, [designs, parameters] in the order of the case.
        metrics: SI, [designs, metrics] in the order of the case; NaN where there is none.
        ok: Whether every stage gave its metrics, [designs].
        kind: How each was drawn: the position in `sampling.KINDS`, [designs].
        seconds: What each cost ngspice; 0 where it came from the cache.
        card: What the card says.
    """

    designs: NDArray[np.float64]
    metrics: NDArray[np.float64]
    ok: NDArray[np.bool_]
    kind: NDArray[np.int8]
    seconds: NDArray[np.float64]
    card: dict[str, Any]

    def __len__(self) -> int:
        """Return the number of designs."""
        return len(self.designs)

    def take(self, which: NDArray[Any]) -> CaseData:
        """Return some of the designs."""
        return CaseData(
            self.designs[which],
            self.metrics[which],
            self.ok[which],
            self.kind[which],
            self.seconds[which],
            self.card,
        )


def fingerprint(case: Case) -> str:
    """Return a hash of what the numbers depend on: the deck, the sizes and the measures."""
    text = json.dumps(
        [
            case.deck_source,
            [repr(item) for item in case.design_parameters],
            sorted(case.fixed_parameters.items()),
            [item.command() for item in case.analyses],
            [repr(item) for item in case.measures.values()],
        ]
    )
    return sha256(text.encode()).hexdigest()[:16]


def build_data(
    case: Case,
    *,
    count: int,
    out: Path,
    seed: int = 0,
    workers: int = 2,
    executor: Executor | None = None,
    simulator: Simulator | None = None,
    progress: Callable[[int], object] | None = None,
) -> CaseData:
    """Simulate designs of a case and write them to ``out`` (``.npz``) with a card (``.json``).

    Half of them are a Sobol sequence over the whole space, a quarter lies near designs that
    work, and a quarter between designs that meet most targets. Designs, and so results, depend
    on the case, the count and the seed only.

    Args:
        case: The case.
        count: How many.
        out: The file.
        seed: Of all that is random.
        workers: Simulations at once, without an executor.
        executor: Where to run; None for this machine.
        simulator: What runs them; None for ngspice.
        progress: Called with the number of designs that are there.

    Raises:
        InputError: ``count`` makes no sense, or ``out`` has no place.
        SimulatorNotFoundError: ngspice is not installed.
    """
    from eda.spice import NGSPICE

    if not 1 <= count <= MAX_COUNT:
        raise InputError(f"count is {count}; give a number from 1 to {MAX_COUNT:,}")
    if not out.parent.is_dir():
        raise InputError(f"{out} cannot be written: there is no folder {out.parent}; make it first")
    plan = {"fingerprint": fingerprint(case), "count": count, "seed": seed}
    parts = out.with_suffix(".parts")
    parts.mkdir(exist_ok=True)
    note = parts / "plan.json"
    if not note.is_file() or json.loads(note.read_text("utf-8")) != plan:
        shutil.rmtree(parts)
        parts.mkdir()
        note.write_text(json.dumps(plan), "utf-8")
    blocks: list[dict[str, NDArray[Any]]] = []
    starts = range(0, count, BLOCK)
    for number, start in enumerate(starts):
        path = parts / f"{number:06}.npz"
        block = _read_part(path)
        if block is None:
            designs, kind = _draw(case, blocks, start, min(BLOCK, count - start), count, seed)
            results = case.simulate(
                as_mappings(case, designs),
                workers=workers,
                executor=executor,
                simulator=simulator or NGSPICE,
            )
            block = {
                "designs": designs,
                "metrics": metric_array(case, results),
                "ok": np.array([result.ok for result in results]),
                "kind": kind,
                "seconds": np.array([result.seconds for result in results]),
            }
            _write_npz(path, block)
        blocks.append(block)
        if progress is not None:
            progress(min(start + BLOCK, count))
    arrays = {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}
    card = _card(case, arrays, plan)
    _write_npz(out, arrays)
    temporary = out.with_name(f".{out.stem}.json.part")
    temporary.write_text(json.dumps(card, indent=2) + "\n", "utf-8")
    temporary.replace(out.with_suffix(".json"))
    shutil.rmtree(parts)
    return CaseData(**arrays, card=card)


def load_data(path: Path, case: Case | None = None) -> CaseData:
    """Read what `build_data` wrote.

    Args:
        path: The ``.npz`` file.
        case: Refuse data of any other case.

    Raises:
        DatasetError: It cannot be read, or is of another case.
    """
    try:
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
        if path.stat().st_size > MAX_BYTES:
            raise DatasetError(f"{path} is larger than {MAX_BYTES >> 20} MB")
        with np.load(path, allow_pickle=False) as stored:
            arrays = {
                key: np.asarray(stored[key])
                for key in ("designs", "metrics", "ok", "kind", "seconds")
            }
        if card.get("format") != FORMAT or len({len(item) for item in arrays.values()}) != 1:
            raise ValueError("it has another format")
    except OSError as problem:
        raise DatasetError(
            f"{path} cannot be read ({problem.strerror}); make it with: eda surrogate build-data"
        ) from None
    except (ValueError, KeyError, AttributeError, zipfile.BadZipFile) as problem:
        raise DatasetError(f"{path} is no data of a case: {problem}") from None
    if case is not None and card.get("fingerprint") != fingerprint(case):
        raise DatasetError(
            f"{path} was made from another case ({card.get('case')}), or {case.name} has changed "
            "since; make it anew with: eda surrogate build-data"
        )
    return CaseData(**arrays, card=card)


def _draw(
    case: Case,
    blocks: list[dict[str, NDArray[Any]]],
    start: int,
    size: int,
    count: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return the designs of a block, which depend on the blocks before it."""
    rng = np.random.default_rng([seed, start])
    uniform = min(size, (count + 1) // 2 - start)
    if uniform <= 0:
        return _near(case, blocks, size, rng)
    designs = sampling.sobol(case, start // BLOCK, BLOCK, seed)[:uniform]
    kind = np.zeros(uniform, dtype=np.int8)
    if uniform == size:
        return designs, kind
    near, near_kind = _near(case, blocks, size - uniform, rng)
    return np.concatenate([designs, near]), np.concatenate([kind, near_kind])


def _near(
    case: Case, blocks: list[dict[str, NDArray[Any]]], size: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    if not blocks:
        base = np.array([list(case.nominal.values())])
        return sampling.local(case, base, size, rng), np.ones(size, dtype=np.int8)
    designs = np.concatenate([block["designs"] for block in blocks])
    metrics = np.concatenate([block["metrics"] for block in blocks])
    works = is_alive(case, metrics)
    base = designs[works] if works.any() else np.array([list(case.nominal.values())])
    half = (size + 1) // 2
    score = sampling.goodness(case, metrics) + works
    best = designs[np.argsort(-score, kind="stable")[: max(8, len(designs) // 20)]]
    made = [
        sampling.local(case, base, half, rng),
        sampling.feasible(case, best, size - half, rng),
    ]
    kind = np.repeat(np.array([1, 2], dtype=np.int8), [half, size - half])
    return np.concatenate(made), kind


def _card(case: Case, arrays: dict[str, NDArray[Any]], plan: dict[str, Any]) -> dict[str, Any]:
    from eda.spice.ngspice_shared import library_identity

    return {
        "format": FORMAT,
        "case": case.name,
        **plan,
        "parameters": [item.name for item in case.design_parameters],
        "metrics": list(case.metrics),
        "units": "SI; dB and degrees where a metric's name says so",
        "sampling": {
            name: int((arrays["kind"] == at).sum()) for at, name in enumerate(sampling.KINDS)
        },
        "ok": int(arrays["ok"].sum()),
        "alive": int(is_alive(case, arrays["metrics"]).sum()),
        "simulator": library_identity(),
        "technology": case.technology,
    }


def _write_npz(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
    temporary.replace(path)


def _read_part(path: Path) -> dict[str, NDArray[Any]] | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
