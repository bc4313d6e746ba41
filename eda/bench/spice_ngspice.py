"""Tables of `eda bench spice` that ask ngspice: device counts, and operating points kept."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

from eda.bench.ngspice_listing import Comparison, compare_names
from eda.bench.ngspice_oracle import listing, operating_point
from eda.bench.spice_files import CORPORA, files_of, is_netlist
from eda.bench.table import Cell, Table
from eda.circuit import Circuit
from eda.errors import EdaError
from eda.spice import parse_netlist, read_netlist, write_spice

RELATIVE: Final = 1e-6
ABSOLUTE: Final = 1e-9
_SAMPLE: Final = 120
_CONTROL_ONLY: Final = "no circuit loaded"


def sample_of(folder: Path, *, full: bool, seed: int) -> list[Path]:
    """Return the netlists of a corpus; without ``full``, at most 120 of them, chosen by seed."""
    paths = [path for path in files_of(folder) if is_netlist(path)]
    if full or len(paths) <= _SAMPLE:
        return paths
    return sorted(random.Random(seed).sample(paths, _SAMPLE))


def listing_tables(
    data: Path, log: Callable[[str], object], *, full: bool, seed: int
) -> list[Table]:
    """Return how device names agree with ngspice's ``listing expand``, and where they do not."""
    rows: list[tuple[Cell, ...]] = []
    differing: list[tuple[Cell, ...]] = []
    unread: Counter[str] = Counter()
    for corpus in ("torture", *CORPORA):
        log(f"asking ngspice about {corpus}")
        counts: Counter[str] = Counter()
        # Of the set ngspice brings itself, every file counts, in the quick form too.
        everything = full or corpus == "ngspice"
        for path in sample_of(data / "spice" / corpus, full=everything, seed=seed):
            answer = compare_with_ngspice(path)
            if answer is None:
                counts["refused by us"] += 1
                continue
            how, found, why = answer
            counts[how] += 1
            if found is None:
                unread[why] += 1
                continue
            counts["devices"] += found.listed
            counts["agree" if found.agree else "differ"] += 1
            if not found.agree:
                place = str(path.relative_to(data / "spice"))
                differing.append((place, _names(found.only_ngspice), _names(found.only_ours)))
        names = ("agree", "differ", "devices", "as it is", "with stand-ins", "not read")
        rows.append((corpus, *(counts[name] for name in names)))
    columns = ("corpus", "agree", "differ", "devices", "read as is", "with stand-ins", "not read")
    notes = (
        "Names of all devices are compared, not only their number; what ngspice makes of one"
        " element (VALUE=, POLY, expressions in R, L, C) is folded back.",
        "Stand-ins: models and subcircuits that nobody defines are made up (of one device), so"
        " that netlists without their PDK can be compared.",
        "Not read by ngspice: " + "; ".join(f"{why} ({n})" for why, n in unread.most_common(8)),
    )
    return [
        Table("Devices against ngspice's listing expand", columns, tuple(rows), notes),
        Table(
            "Netlists where the two differ",
            ("file", "only ngspice has", "only we have"),
            tuple(differing),
        ),
    ]


def compare_with_ngspice(path: Path) -> tuple[str, Comparison | None, str] | None:
    """Return how ngspice read a file, the comparison, and why there is none.

    None where we refuse the file.
    """
    try:
        circuit = read_netlist(path)
        flat = circuit.flatten()
    except EdaError:
        return None
    ours = {device.name.lower() for device in flat.devices}
    title = circuit.source.text.split("\n", 1)[0].strip() if circuit.source else ""
    cards, _ = listing(circuit)
    if cards is not None:
        return "as it is", compare_names(cards, ours, title=title), ""
    cards, again = listing(circuit, stand_ins=True)
    if cards is not None:
        return "with stand-ins", compare_names(cards, ours, title=title), ""
    return "not read", None, _short(again.complaint)


def _short(complaint: str) -> str:
    """Return a complaint of ngspice without the names in it."""
    for known in ("include file", "library file", "unknown subckt", "can't find model"):
        if known in complaint:
            return known
    return complaint[:40].rstrip(" :")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f", and {len(names) - 5} more" if len(names) > 5 else "")


def round_trip_tables(
    data: Path, log: Callable[[str], object], *, full: bool, seed: int
) -> list[Table]:
    """Return whether ngspice finds the same operating point before and after `write_spice`."""
    folder = data / "spice" / "ngspice"
    log("operating points before and after writing")
    counts: Counter[str] = Counter()
    unable: Counter[str] = Counter()
    different: list[tuple[Cell, ...]] = []
    values = 0
    for path in sample_of(folder, full=full, seed=seed):
        status, detail, compared = round_trip(path, seconds=20 if full else 5)
        counts[status] += 1
        values += compared
        if status == "ngspice finds none":
            unable[_short(detail)] += 1
        elif status not in ("same", "random"):
            different.append((str(path.relative_to(folder)), status, detail))
    names = (
        *("same", "random", "different", "reads back unequal", "lost in writing"),
        *("ngspice finds none", "refused by us"),
    )
    row = (sum(counts.values()), *(counts[name] for name in names), values)
    notes = (
        f"Node voltages and branch currents within {RELATIVE:g} relative + {ABSOLUTE:g} absolute;"
        " read(write(circuit)) must be equal as well.",
        "Random: the deck's own operating point differs from run to run.",
        "No operating point in batch mode: "
        + "; ".join(f"{why} ({n})" for why, n in unable.most_common(10)),
    )
    columns = ("decks", *names, "values compared")
    return [
        Table("Operating point of the ngspice decks, before and after", columns, (row,), notes),
        Table("Decks that came back different", ("deck", "what", "detail"), tuple(different)),
    ]


def round_trip(path: Path, *, seconds: float = 20) -> tuple[str, str, int]:
    """Return the outcome for one deck, its reason, and how many values were compared.

    ``random`` is a deck whose own operating point differs from run to run.
    """
    try:
        circuit = read_netlist(path)
    except EdaError as problem:
        return "refused by us", str(problem).split("\n")[0], 0
    before, ran = operating_point(circuit, seconds=seconds)
    if before is None:
        return "ngspice finds none", ran.complaint, 0
    try:
        text = write_spice(circuit)
        back = replace(parse_netlist(text), dialect=circuit.dialect)
        if back != circuit:
            return "reads back unequal", _first_difference(circuit, back), 0
    except EdaError as problem:
        return "lost in writing", str(problem).split("\n")[0], 0
    # Three times as long: a deck that took nearly all of it must not fail by a hair.
    after, ran = operating_point(circuit, text=text, seconds=3 * seconds)
    if after is None:
        return "lost in writing", ran.complaint, 0
    far = list(_differences(before, after))
    if far:
        again, _ = operating_point(circuit, seconds=seconds)
        if again is None or list(_differences(before, again)):
            return "random", "", 0
        return "different", "; ".join(far[:3]), len(before)
    return "same", "", len(before)


def _first_difference(one: Circuit, two: Circuit) -> str:
    for item in fields(Circuit):
        if item.compare and getattr(one, item.name) != getattr(two, item.name):
            if item.name == "devices":
                pairs = zip(one.devices, two.devices, strict=False)
                return next((f"{a} and {b}" for a, b in pairs if a != b), "number of devices")[:150]
            return item.name
    return ""


def _differences(before: dict[str, float], after: dict[str, float]) -> Iterable[str]:
    for name in before.keys() | after.keys():
        if name not in before or name not in after:
            yield f"{name} only {'before' if name in before else 'after'}"
            continue
        one, two = before[name], after[name]
        same = one == two or abs(one - two) <= ABSOLUTE + RELATIVE * max(abs(one), abs(two))
        if not same and not (one != one and two != two):
            yield f"{name}: {one:g} before, {two:g} after"
