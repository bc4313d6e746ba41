"""The deck of a case: what may stand in it, and its text for a design and a corner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from eda.numbers import parse_number
from eda.spice.case_fields import Place
from eda.spice.case_parts import Conditions, Corner, DesignParameter

_PARAM: Final = re.compile(r"\s*\.param\b", re.IGNORECASE)
_TEMP: Final = re.compile(r"(\s*\.temp(?:erature)?\s+)(\S+)(.*)", re.IGNORECASE)
_INCLUDE: Final = re.compile(r"(\s*\.(?:inc|include|lib)\s+)(\"[^\"]*\"|'[^']*'|\S+)(.*)", re.I)
_FORBIDDEN: Final = re.compile(
    r"\s*\.(op|dc|ac|tran|noise|sp|disto|pz|tf|sens|four|fourier|pss|control|meas|measure)\b", re.I
)


def check_deck(
    text: str,
    design: Sequence[DesignParameter],
    fixed: Mapping[str, float],
    conditions: Conditions,
    place: Place,
) -> None:
    """Refuse a deck that does not fit its case.

    Raises:
        SpecError: A parameter is not there or has another value, an analysis is, or the lines
            of the nominal process are not.
    """
    lines = text.splitlines()
    for at, line in enumerate(lines, 1):
        if at > 1 and (found := _FORBIDDEN.match(line)):
            place.refuse(
                f"line {at} has .{found[1].lower()}; the deck of a case has no analyses, "
                ".control or .measure: they are in case.json"
            )
    for name in (*(item.name for item in design), *fixed):
        values = _values(lines, name)
        if len(values) != 1:
            place.refuse(
                f"has {len(values)} times `{name}=number` on its .param lines; each parameter of "
                "case.json stands there once"
            )
        number = parse_number(values[0])
        if number is None:
            place.refuse(f"has {name}={values[0]}; a plain number must stand there")
        if name in fixed and abs(number - fixed[name]) > 1e-9 * abs(fixed[name]):
            place.refuse(f"has {name}={values[0]}, and fixed_parameters says {fixed[name]:g}")
    if conditions.temperature_c and not any(_TEMP.match(line) for line in lines):
        place.refuse("has no .temp line, which the temperatures of corners replace; add .temp 27")
    if conditions.process:
        nominal = conditions.include_lines[conditions.process[0]]
        if _find(lines, nominal) is None:
            place.refuse(
                f"does not hold the lines of the process {conditions.process[0]} one after the "
                f"other: {'; '.join(nominal)}"
            )


def deck_text(
    text: str,
    parameters: Mapping[str, float],
    corner: Corner,
    conditions: Conditions,
    *,
    folder: Path | None = None,
) -> str:
    """Return the text of a deck with other parameters, at a corner.

    Args:
        text: The deck.
        parameters: New values by name.
        corner: Where it differs from nominal; its supply is the parameter ``vdd``.
        conditions: Of the case.
        folder: Makes the paths of includes absolute, seen from there.
    """
    lines = text.splitlines()
    if corner.process is not None and corner.process != conditions.process[0]:
        nominal = conditions.include_lines[conditions.process[0]]
        at = _find(lines, nominal) or 0
        lines[at : at + len(nominal)] = conditions.include_lines[corner.process]
    values = dict(parameters)
    if corner.supply_v is not None:
        values["vdd"] = corner.supply_v
    made = []
    for line in lines:
        if _PARAM.match(line):
            for name, value in values.items():
                line = _assignment(name).sub(rf"\g<1>{_written(value)}", line)
        elif corner.temperature_c is not None and (found := _TEMP.match(line)):
            line = f"{found[1]}{corner.temperature_c:.9g}{found[3]}"
        elif folder is not None and (found := _INCLUDE.match(line)):
            name = found[2].strip("\"'")
            if not Path(name).is_absolute() and not name.startswith("$"):
                line = f'{found[1]}"{(folder / name).resolve()}"{found[3]}'
        made.append(line)
    return "\n".join(made) + "\n"


def declared_folders(conditions: Conditions, folder: Path, place: Place) -> tuple[Path, ...]:
    """Return the folders of the model files that the corners of a case name.

    Technology folders lie beside the folder that holds the cases, so a path may go up twice, and
    must then go down again: a case from a stranger must not open the rest of the machine. Paths
    that begin with a variable (``$PDK_ROOT``) are looked for elsewhere.

    Raises:
        SpecError: A path leads outside.
    """
    top = folder.resolve().parents[1] if len(folder.resolve().parents) > 1 else folder.resolve()
    found: dict[Path, None] = {}
    for process, lines in conditions.include_lines.items():
        for line in lines:
            match = _INCLUDE.match(line)
            name = match[2].strip("\"'") if match else ""
            if not name or name.startswith("$"):
                continue
            home = (folder / name).resolve().parent
            if Path(name).is_absolute() or home == top or not home.is_relative_to(top):
                (place / "process_include_lines" / process).refuse(
                    f"has {line!r}; model files lie in the case's folder, or in a folder beside "
                    "the one that holds the case (../../NAME/...); others are named with "
                    "$PDK_ROOT"
                )
            found[home] = None
    return tuple(found)


def _assignment(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.])({re.escape(name)}\s*=\s*)(\{{[^}}]*\}}|'[^']*'|[^\s={{}}'\"]+)", re.IGNORECASE
    )


def _values(lines: Sequence[str], name: str) -> list[str]:
    pattern = _assignment(name)
    return [m[2] for line in lines if _PARAM.match(line) for m in pattern.finditer(line)]


def _find(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    stripped = [line.strip() for line in lines]
    goal = [line.strip() for line in wanted]
    span = range(len(stripped) - len(goal) + 1)
    return next((at for at in span if stripped[at : at + len(goal)] == goal), None)


def _written(value: float) -> str:
    """Return a number for a deck: whole numbers without a fraction."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
