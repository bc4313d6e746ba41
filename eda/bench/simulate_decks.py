"""Tables of `eda bench simulate` about agreement with plain ``ngspice -b``, on ngspice's own decks.

A deck is run twice: as it stands by the ngspice program, which leaves a raw file, and by the
engine, which reads it, writes it anew and sends it to libngspice. Every vector of every analysis
is compared point by point, relative to its largest value.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from eda.bench.ngspice_oracle import Ran, copy_deck, run_ngspice
from eda.bench.table import Table
from eda.circuit import Circuit
from eda.errors import EdaError, InputError
from eda.numbers import parse_number
from eda.spice import (
    Analysis,
    Op,
    Status,
    Waveforms,
    read_netlist,
    read_raw,
    simulate,
)
from eda.spice.deck import make_job
from eda.spice.job import NotRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RELATIVE: Final = 1e-6
"""How far a value may be away, relative to the largest of its vector."""

QUICK: Final = 50
SECONDS: Final = 20.0
QUICK_SECONDS: Final = 5.0

_FLOORS: Final = {"v(": 1e-9, "": 1e-12}
"""Largest values below these are a solver's noise: a thousandth of vntol, and abstol."""

_PLOTS: Final = {
    "op": "Operating Point",
    "dc": "DC transfer characteristic",
    "ac": "AC Analysis",
    "tran": "Transient Analysis",
}

_COMPARED: Final = ("agrees", "differs")

_NUMBER: Final = re.compile(
    r"(?<![\w.#$])(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+|(?:meg|mil|[tgkmunpfa])[a-z]*|(?<=\.)\d*)(?![\w.])",
    re.IGNORECASE,
)

Outcome = Literal["agrees", "differs", "refused", "not compared"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a deck.

    Attributes:
        deck: Its path below the folder.
        outcome: ``refused`` by the engine; ``not compared`` where plain ngspice gives nothing.
        analyses: What was run.
        vectors: How many vectors were compared.
        worst: The largest difference, relative to the largest value of its vector.
        where: Analysis and vector of that.
        interpolated: Whether the time points differ, so that one was interpolated.
        reason: Why it is not compared, refused or different.
    """

    deck: str
    outcome: Outcome
    analyses: tuple[str, ...] = ()
    vectors: int = 0
    worst: float = 0.0
    where: str = ""
    interpolated: bool = False
    reason: str = ""


def deck_tables(
    data: Path | None, log: Callable[[str], object], *, full: bool, seed: int = 0
) -> list[Table]:
    """Compare decks and return the tables; none without the corpus.

    Args:
        data: Folder of the corpora.
        log: Called with what is being done.
        full: Whether all decks are tried; else, in a random order, until 50 are compared.
        seed: Chooses that order.
    """
    root = None if data is None else data / "spice" / "ngspice"
    if root is None or not root.is_dir():
        return []
    found: list[Comparison] = []
    compared, seconds = 0, SECONDS if full else QUICK_SECONDS
    for deck in decks(root, seed=None if full else seed):
        item = compare(deck, name=str(deck.relative_to(root)), seconds=seconds)
        found.append(item)
        compared += item.outcome in _COMPARED
        log(f"{item.deck}: {item.outcome}{f' ({item.reason})' if item.reason else ''}")
        if compared >= QUICK and not full:
            break
    return tables(found, seconds=seconds)


def decks(root: Path, *, seed: int | None = None) -> list[Path]:
    """Return the netlists below a folder, by name, or with a seed in an order it chooses.

    Of netlists that are the same byte by byte, the first.
    """
    paths = sorted(path for path in root.rglob("*") if path.suffix in (".cir", ".sp", ".ckt"))
    found = sorted({path.read_bytes(): path for path in reversed(paths)}.values())
    if seed is not None:
        found.sort(
            key=lambda path: hashlib.sha256(f"{seed} {path.relative_to(root)}".encode()).digest()
        )
    return found


def compare(deck: Path, *, name: str = "", seconds: float = SECONDS) -> Comparison:
    """Run a deck both ways and return how far the values are apart.

    Args:
        deck: The netlist.
        name: What to call it.
        seconds: What plain ngspice may take.
    """
    made = Comparison(name or deck.name, "not compared")
    try:
        circuit = read_netlist(deck, strict=False)
    except EdaError as problem:
        return replace(made, reason=_first(str(problem)))
    job = make_job(circuit)
    if isinstance(job, NotRun):
        return replace(made, outcome="refused", reason=_first(job.reason))
    if job.seed is not None:
        return replace(made, reason="left to chance: every run is another draw")
    analyses = tuple(step.analysis for step in job.steps if step.analysis is not None)
    analyses = tuple(dict.fromkeys(item for item in analyses if item.kind in _PLOTS))
    if not analyses:
        return replace(made, reason="no op, dc, ac or tran")
    if len({item.kind for item in analyses}) < len(analyses):
        return replace(made, reason="an analysis twice: the cards of a deck run it once")
    plots, ran = _plain(circuit, analyses, seconds)
    if plots is None:
        return replace(made, reason=f"ngspice -b: {ran.complaint}")
    if "cannot open file" in ran.output:
        return replace(made, reason="ngspice -b: a file that its models read is not there")
    lost = [item.kind for item in analyses if _PLOTS[item.kind] not in plots]
    if lost:
        return replace(made, reason=f"ngspice -b gives no {', '.join(lost)}")
    result = simulate(circuit, *analyses, cache=False, time_limit_s=3 * seconds)
    made = replace(made, analyses=tuple(item.kind for item in analyses))
    if result.status is Status.REFUSED:
        return replace(made, outcome="refused", reason=_first(result.log))
    if not result.ok:
        return replace(made, outcome="differs", reason=f"{result.status}: {_first(result.log)}")
    made = _compared(made, {item: result.of(item) for item in analyses}, plots)
    if made.outcome == "differs" and made.worst < float("inf"):
        made = replace(made, reason=f"{made.reason}; {_itself(circuit, analyses, plots, seconds)}")
    return made


def _plain(
    circuit: Circuit, analyses: Sequence[Analysis], seconds: float, *, otherwise: bool = False
) -> tuple[dict[str, Waveforms] | None, Ran]:
    """Run a deck by the ngspice program; return its plots by name, or None where there are none.

    With ``otherwise``, numbers of the deck are written without suffixes: 1e-05 for 10u.
    """
    with TemporaryDirectory() as folder:
        cards = [f".{item.command()}" for item in analyses if not _has_card(circuit.cards, item)]
        text = copy_deck(circuit, Path(folder), [], cards=cards)
        if otherwise:
            text.write_text(_without_suffixes(text.read_text(encoding="utf-8")), encoding="utf-8")
        ran = run_ngspice(text, dialect=circuit.dialect, seconds=seconds, raw="out.raw")
        try:
            plots = {plot.name: plot.waveforms for plot in read_raw(text.parent / "out.raw")}
        except InputError:
            return None, ran
    return (None if ran.timed_out else plots), ran


def _itself(
    circuit: Circuit,
    analyses: Sequence[Analysis],
    plots: dict[str, Waveforms],
    seconds: float,
) -> str:
    """Return how far plain ngspice is from itself where numbers are written otherwise.

    ngspice works out 10u as ten times 1e-6, which is another last digit than that of 1e-05.
    Oscillators and switching circuits make of it another time step, and of that another curve;
    then two runs say nothing about each other.
    """
    again, _ = _plain(circuit, analyses, seconds, otherwise=True)
    if again is None or any(_PLOTS[item.kind] not in again for item in analyses):
        return "ngspice -b gives nothing for the numbers without suffixes"
    start = Comparison("", "not compared")
    own = _compared(start, {item: again[_PLOTS[item.kind]] for item in analyses}, plots)
    return f"ngspice -b is {own.worst:.2g} from itself where 10u is written 1e-05"


def _without_suffixes(text: str) -> str:
    r"""Return a netlist with numbers written as floats.

    Example:
        >>> _without_suffixes("10k title\n* 10k\nC1 a1k 0 10u ic=1.0e0\n")
        '10k title\n* 10k\nC1 a1k 0 1e-05 ic=1.0\n'
    """
    title, *lines = text.split("\n")
    made = [
        line if line[:1] == "*" else _NUMBER.sub(lambda found: _plain_number(found[0]), line)
        for line in lines
    ]
    return "\n".join([title, *made])


def _plain_number(text: str) -> str:
    value = parse_number(text)
    return text if value is None else repr(value)


def _has_card(cards: Sequence[object], analysis: Analysis) -> bool:
    word = f".{analysis.kind}"
    return any(getattr(card, "text", "").split(None, 1)[0].lower() == word for card in cards)


def _compared(
    made: Comparison,
    ours_by: Mapping[Analysis, Waveforms],
    plots: dict[str, Waveforms],
) -> Comparison:
    worst, where, vectors, interpolated = 0.0, "", 0, False
    for analysis, ours in ours_by.items():
        theirs = plots[_PLOTS[analysis.kind]]
        shifted = not isinstance(analysis, Op) and not _same_axis(ours.axis, theirs.axis)
        if shifted and analysis.kind != "tran":
            why = f"{analysis.kind}: {len(ours.axis)} points and {len(theirs.axis)}"
            return replace(made, outcome="differs", worst=float("inf"), reason=why)
        interpolated = interpolated or shifted
        for name, difference in _differences(ours, theirs, shifted):
            vectors += 1
            if not difference <= worst:
                worst, where = difference, f"{analysis.kind} {name}"
    reason = "" if worst <= RELATIVE else f"{where} is {worst:.2g} apart"
    if reason and interpolated:
        reason += ", at other time points"
    return replace(
        made,
        outcome="differs" if reason else "agrees",
        vectors=vectors,
        worst=worst,
        where=where,
        interpolated=interpolated,
        reason=reason,
    )


def _same_axis(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> bool:
    import numpy as np

    if len(ours) != len(theirs):
        return False
    return bool(np.all(np.abs(ours - theirs) <= 1e-9 * np.abs(theirs).max(initial=0)))


def _differences(ours: Waveforms, theirs: Waveforms, shifted: bool) -> Iterator[tuple[str, float]]:
    """Yield the difference of each vector that plain ngspice gives; infinite where we have none."""
    import numpy as np

    for name, values in theirs.arrays.items():
        found = _ours(name, ours)
        if found is None:
            yield f"{name} (missing)", float("inf")
            continue
        mine = ours[found].values
        if shifted:
            mine = np.interp(theirs.axis, ours.axis, mine)
        floor = _FLOORS.get(name[:2], _FLOORS[""])
        scale = max(float(np.abs(values).max(initial=0)), floor)
        yield name, float(np.abs(mine - values).max(initial=0)) / scale


def _ours(name: str, ours: Waveforms) -> str | None:
    """Return our name of a vector: XSPICE's ``a1#branch_1_0`` is ``i(a1)`` in files."""
    if name in ours:
        return name
    branches = [item for item in ours if item.startswith(f"{name[2:-1]}#branch")]
    return branches[0] if name.startswith("i(") and len(branches) == 1 else None


def tables(found: Sequence[Comparison], *, seconds: float = SECONDS) -> list[Table]:
    """Return the tables of comparisons: how many agree, and those that do not."""
    compared = [item for item in found if item.outcome in _COMPARED]
    kinds = Counter(kind for item in compared for kind in item.analyses)
    rows = [
        (
            kind,
            kinds[kind],
            sum(kind in item.analyses for item in compared if item.outcome == "agrees"),
        )
        for kind in _PLOTS
    ]
    agree = [item for item in compared if item.outcome == "agrees"]
    summary = Table(
        "The same numbers as plain `ngspice -b`, on ngspice's own decks",
        ("decks with", "compared", f"within {RELATIVE:g}"),
        (*rows, ("any", len(compared), len(agree))),
        (
            f"{sum(item.vectors for item in compared)} vectors, each point by point, relative to "
            "its largest value (at least 1 nV, or 1 pA)",
            f"{sum(item.interpolated for item in compared)} decks whose time points differ: "
            "interpolated linearly",
            f"worst that agrees: {max((item.worst for item in agree), default=0):.1e}",
            f"{len(found)} netlists tried; ngspice -b within {seconds:g} s, OMP_THREAD_LIMIT=1; of "
            "a .control block only its analyses, as cards",
        ),
    )
    made = [summary]
    if len(agree) < len(compared):
        apart = tuple((item.deck, item.reason) for item in compared if item.outcome == "differs")
        made.append(Table("Decks that do not agree", ("deck", "why"), apart))
    groups = Counter(
        (item.outcome, _group(item.reason)) for item in found if item.outcome not in _COMPARED
    )
    if groups:
        counted = tuple((count, *group) for group, count in groups.most_common())
        made.append(Table("Netlists that are not compared", ("netlists", "", "why"), counted))
    return made


_GROUPS: Final = {
    r"\.control command '\S+' \((.*?)\) in": r".control: \1",
    r"ran into the time limit": r"ngspice -b: ran into the time limit",
    r"^ngspice -b:": r"ngspice -b: gives nothing",
    r"which runs programs|writes files; use": r"a code model that runs programs or writes files",
    r"(no device at the top level)": r"\1: only subcircuits or models",
    r"(left to chance|an analysis twice|no op, dc)": r"\1",
}
"""Reasons by what is found in them."""


def _group(reason: str) -> str:
    """Return a reason without what is particular to one deck."""
    for pattern, what in _GROUPS.items():
        if (found := re.search(pattern, reason)) is not None:
            return found.expand(what)
    return "errors in the netlist, or a file that is missing or outside the deck's folder"


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
