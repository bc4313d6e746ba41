"""PDK primitives: transistors and passives that decks write as ``X`` lines.

``XM1 d g s b sky130_fd_pr__nfet_01v8 w=1 l=0.15`` is a transistor, with or without the PDK's
files. A table (``primitives.toml``, and the user's own, named by ``EDA_PRIMITIVES``) says which
names are primitives, of what kind, with which roles, and in which unit their sizes are written.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from eda.circuit import KINDS
from eda.errors import SpecError

LENGTHS: Final = frozenset({"w", "l", "pd", "ps", "sa", "sb", "sd", "pj", "perim", "pwl"})
"""Parameters that are lengths, and scale once."""

AREAS: Final = frozenset({"ad", "as", "area"})
"""Parameters that are areas, and scale twice."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """One entry of the table.

    Attributes:
        pattern: Name with ``*`` and ``?``, whatever the case.
        kind: One of ``eda.circuit.KINDS``.
        roles: Pin roles in the order of the instance's nets.
        optional: How many of the last roles an instance may leave out.
        polarity: ``n``, ``p`` or empty.
        unit_m: The unit of its lengths in metres (SKY130 writes micrometres).
        pdk: The PDK it belongs to, for messages.
        generic: Whether the name says little (``nmos``), so that a subcircuit of that name
            in the netlist itself comes first.
        rated_v: The highest supply that the gate of a transistor is made for, in volts; 0
            where nothing is known.
    """

    pattern: str
    kind: str
    roles: tuple[str, ...]
    optional: int = 0
    polarity: str = ""
    unit_m: float = 1.0
    pdk: str = ""
    generic: bool = False
    rated_v: float = 0.0


class PrimitiveTable:
    """Looks primitives up by name; the first pattern that fits wins."""

    def __init__(self, primitives: tuple[Primitive, ...]) -> None:
        """Keep the primitives in order."""
        self.primitives = primitives
        self._patterns = [re.compile(translate(p.pattern.lower())) for p in primitives]
        self._known: dict[str, Primitive | None] = {}

    def find(self, name: str) -> Primitive | None:
        """Return the primitive of this name, or None where it is none."""
        try:
            return self._known[name]
        except KeyError:
            lower = name.lower()
            found = next(
                (
                    primitive
                    for primitive, pattern in zip(self.primitives, self._patterns, strict=True)
                    if pattern.match(lower)
                ),
                None,
            )
            if len(self._known) < 100_000:
                self._known[name] = found
            return found


@cache
def primitive_table(extra: str = "") -> PrimitiveTable:
    """Return the shipped table, behind the user's own entries.

    Args:
        extra: Path of a table that comes first; empty takes ``EDA_PRIMITIVES`` if that is set.

    Raises:
        SpecError: The user's table is malformed.
    """
    entries: list[Primitive] = []
    own = extra or os.environ.get("EDA_PRIMITIVES", "")
    if own:
        try:
            text = Path(own).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise SpecError(f"{own}: the table of primitives cannot be read: {problem}") from None
        entries += _entries(text, own)
    shipped = files("eda.spice") / "primitives.toml"
    entries += _entries(shipped.read_text(encoding="utf-8"), "primitives.toml")
    return PrimitiveTable(tuple(entries))


def _entries(text: str, path: str) -> list[Primitive]:
    try:
        tables = tomllib.loads(text).get("primitive", [])
    except tomllib.TOMLDecodeError as problem:
        raise SpecError(f"{path}: the table of primitives is no TOML: {problem}") from None
    if not isinstance(tables, list):
        raise SpecError(f"{path}: write each primitive as [[primitive]]")
    return [_entry(table, path, number) for number, table in enumerate(tables, 1)]


def _entry(table: Any, path: str, number: int) -> Primitive:
    where = f"{path}: primitive {number}"
    known = {
        "pattern",
        "kind",
        "roles",
        "optional",
        "polarity",
        "unit_m",
        "pdk",
        "generic",
        "rated_v",
    }
    if not isinstance(table, dict) or not isinstance(table.get("pattern"), str):
        raise SpecError(f"{where}: 'pattern' is missing; write pattern = \"name*\"")
    if unknown := sorted(set(table) - known):
        raise SpecError(f"{where}: unknown key '{unknown[0]}'; keys are {', '.join(sorted(known))}")
    kind = table.get("kind")
    if kind not in KINDS:
        raise SpecError(f"{where}: unknown kind '{kind}'; kinds are {', '.join(KINDS)}")
    roles = tuple(table.get("roles", KINDS[kind].roles))
    return Primitive(
        table["pattern"],
        kind,
        roles,
        int(table.get("optional", 0)),
        str(table.get("polarity", "")),
        float(table.get("unit_m", 1.0)),
        str(table.get("pdk", "")),
        bool(table.get("generic", False)),
        float(table.get("rated_v", 0.0)),
    )
