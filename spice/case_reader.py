"""Reading a case from its folder, strictly: what is wrong is named, with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from eda.errors import InputError
from eda.spice import case_fields as read
from eda.spice.analyses import Analysis, from_card
from eda.spice.case import Case
from eda.spice.case_deck import check_deck, declared_folders
from eda.spice.case_fields import Place
from eda.spice.case_measures import Measure, read_measure
from eda.spice.case_parts import (
    Corner,
    Direction,
    check_name,
    read_conditions,
    read_parameters,
    read_spec,
)

ANALYSES: Final = {"op": (1, 1), "ac": (5, 5), "noise": (7, 7), "tran": (3, 5)}
"""The analyses of cases, with how many words each may have."""


def read_case(
    folder: str | os.PathLike[str], *, include_dirs: Sequence[str | os.PathLike[str]] = ()
) -> Case:
    """Return the case in a folder: ``case.json`` and ``deck.cir``.

    Args:
        folder: The folder, or the path of its ``case.json``.
        include_dirs: Folders that model files may come from, beside the case's own.

    Raises:
        SpecError: Something in it is missing, unknown or cannot be read; the message names the
            metric or the field.

    Example:
        >>> case = read_case(example_folder())
        >>> case.name, [item.name for item in case.design_parameters][:3]
        ('opamp2', ['w_in', 'w_load', 'w_tail'])
    """
    path = Path(folder)
    path = path if path.suffix == ".json" else path / "case.json"
    home = path.parent
    top = Place(str(path))
    given = read.an_object(read.read_json(path), top)

    def part(name: str) -> tuple[Any, Place]:
        return read.field(given, name, top), top / name

    def optional(name: str, default: Any) -> tuple[Any, Place]:
        return given.get(name, default), top / name

    design = read_parameters(*part("design_parameters"))
    fixed = read.numbers(*optional("fixed_parameters", {}))
    for name in fixed:
        check_name(name, top / "fixed_parameters" / name)
        if any(item.name == name for item in design):
            (top / "fixed_parameters" / name).refuse("is a design parameter too; remove one")
    names = {**fixed, **{item.name: item.nominal for item in design}}
    analyses = _read_analyses(*part("analyses_in_cost_order"))
    raw, place = part("measures")
    measures = {
        metric: read_measure(metric, item, names=names, place=place / metric)
        for metric, item in read.an_object(raw, place).items()
    }
    if not measures:
        place.refuse("is empty; a case has at least one")
    definitions = _read_definitions(given, measures, top)
    stages = _read_stages(*part("metric_stages_cheap_to_dear"), measures, analyses)
    direction = _read_direction(*part("direction"), measures)
    conditions = read_conditions(given.get("corners", {}), fixed, top / "corners")
    specs = {
        level: read_spec(item, direction, top / "specs" / level)
        for level, item in read.an_object(*optional("specs", {})).items()
    }
    golden = _read_golden_corners(*optional("golden_corners_for_last_witness", []))
    deck = _read_deck(home / "deck.cir")
    check_deck(deck, design, fixed, conditions, Place(str(home / "deck.cir")))
    folders = (*declared_folders(conditions, home, top / "corners"), *map(Path, include_dirs))
    return Case(
        name=read.a_text(given.get("name", home.resolve().name), top / "name"),
        description=read.a_text(*optional("description", "")),
        technology=read.a_text(*optional("technology", "")),
        folder=home.resolve(),
        design_parameters=design,
        fixed_parameters=fixed,
        analyses=analyses,
        measures=measures,
        definitions=definitions,
        stages=stages,
        direction=direction,
        conditions=conditions,
        specs=specs,
        golden_corners=golden,
        deck_source=deck,
        include_dirs=folders,
    )


def example_folder() -> Path:
    """Return the folder of the case that is shipped: a two-stage op-amp."""
    return Path(__file__).parent / "cases" / "opamp2"


def example_case() -> Case:
    """Return the case that is shipped: a two-stage op-amp on generic model cards."""
    return read_case(example_folder())


def _read_analyses(given: Any, place: Place) -> tuple[Analysis, ...]:
    made: list[Analysis] = []
    for text in read.texts(given, place):
        words = text.split()
        kind = words[0].lower() if words else ""
        low, high = ANALYSES.get(kind, (0, 0))
        if not low <= len(words) <= high or not words:
            place.refuse(
                f"has {text!r}, which is none; write op, ac dec POINTS START STOP, noise v(OUT) "
                "SOURCE dec POINTS START STOP, or tran STEP STOP [START [LONGEST]]"
            )
        try:
            analysis = from_card(text)
        except InputError as problem:
            place.refuse(f"has {text!r}: {problem}")
        if any(item.kind == kind for item in made):
            place.refuse(f"has {kind} twice; each type may occur once")
        made.append(analysis)
    if not made:
        place.refuse("is empty; a case has at least one")
    return tuple(made)


def _read_definitions(
    given: Mapping[str, Any], measures: Mapping[str, Measure], top: Place
) -> dict[str, str]:
    place = top / "metric_definitions"
    if "metric_definitions" not in given:
        return {name: f"{item.kind} ({item.analysis})" for name, item in measures.items()}
    raw = read.an_object(given["metric_definitions"], place)
    if list(raw) != list(measures):
        place.refuse("names other metrics than measures, or in another order")
    return {name: read.a_text(text, place / name) for name, text in raw.items()}


def _read_stages(
    given: Any,
    place: Place,
    measures: Mapping[str, Measure],
    analyses: Sequence[Analysis],
) -> tuple[tuple[str, ...], ...]:
    stages = tuple(
        read.texts(stage, place / f"[{at}]") for at, stage in enumerate(read.a_list(given, place))
    )
    if len(stages) != len(analyses):
        place.refuse(f"has {len(stages)} stages; there are {len(analyses)} analyses, one for each")
    for at, (stage, analysis) in enumerate(zip(stages, analyses, strict=True)):
        for metric in stage:
            if metric not in measures:
                (place / f"[{at}]").refuse(f"names {metric!r}, which has no measure")
            reads = measures[metric].analysis
            if reads != analysis.kind:
                (place / f"[{at}]").refuse(
                    f"names {metric}, which reads {reads}; analysis {at} is {analysis.kind}"
                )
    told = [metric for stage in stages for metric in stage]
    if sorted(told) != sorted(measures):
        lost = sorted({name for name in measures if told.count(name) != 1})
        place.refuse(f"must name each metric once; see {', '.join(lost)}")
    return stages


def _read_direction(
    given: Any, place: Place, measures: Mapping[str, Measure]
) -> dict[str, Direction]:
    raw = read.an_object(given, place)
    for metric in raw:
        if metric not in measures:
            place.refuse(f"names {metric!r}, which has no measure")
    made: dict[str, Direction] = {}
    for metric in measures:
        word = read.a_choice(read.field(raw, metric, place), ("min", "max"), place / metric)
        made[metric] = "min" if word == "min" else "max"
    return made


def _read_golden_corners(
    given: Any, place: Place
) -> tuple[tuple[Corner, Mapping[str, float]], ...]:
    made = []
    for at, raw in enumerate(read.a_list(given, place)):
        here = place / f"[{at}]"
        item = read.an_object(raw, here)
        corner = Corner(
            read.a_text(item["process"], here / "process") if "process" in item else None,
            read.a_number(item["temp_c"], here / "temp_c") if "temp_c" in item else None,
            read.a_number(item["supply_v"], here / "supply_v") if "supply_v" in item else None,
        )
        metrics = read.numbers(read.field(item, "metrics", here), here / "metrics")
        made.append((corner, metrics))
    return tuple(made)


def _read_deck(path: Path) -> str:
    place = Place(str(path))
    try:
        if path.stat().st_size > read.MAX_BYTES:
            place.refuse(f"is larger than {read.MAX_BYTES} bytes; a case's deck is no such thing")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        place.refuse(f"it cannot be read: {problem.strerror}; a case has its netlist there")
