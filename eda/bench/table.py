"""Table: what a bench prints, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table with notes.

    Attributes:
        title: What was measured.
        columns: Headings.
        rows: One cell per column; None is an empty cell.
        notes: What has to be known to read it: data, protocol, whose figures.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)

    def to_text(self) -> str:
        """Return it as text, numbers to the right.

        Example:
            >>> print(Table("Speed", ("deck", "s"), (("a", 1.5),)).to_text())
            Speed
            deck    s
            a     1.5
        """
        cells = [[_text(cell) for cell in row] for row in self.rows]
        lines = [list(self.columns), *cells]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.columns))]
        right = [
            bool(self.rows) and all(not isinstance(row[at], str) for row in self.rows)
            for at in range(len(self.columns))
        ]
        out = [self.title]
        for line in lines:
            out.append(
                "  ".join(
                    cell.rjust(width) if to_right else cell.ljust(width)
                    for cell, width, to_right in zip(line, widths, right, strict=True)
                ).rstrip()
            )
        out += [f"  {note}" for note in self.notes]
        return "\n".join(out)


def tables_of(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a bench's result (its JSON form)."""
    return [
        Table(
            title=item["title"],
            columns=tuple(item["columns"]),
            rows=tuple(tuple(row) for row in item["rows"]),
            notes=tuple(item["notes"]),
        )
        for item in result["tables"]
    ]


def result_of(name: str, tables: Sequence[Table], **more: Any) -> dict[str, Any]:
    """Return a bench's result: plain values, for JSON and for `render`."""
    return {"bench": name, **more, "tables": [table.to_dict() for table in tables]}


def render(result: Mapping[str, Any]) -> str:
    """Return a bench's result as text."""
    return "\n\n".join(table.to_text() for table in tables_of(result))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.3f}".rstrip("0").rstrip(".") if abs(cell) < 1000 else f"{cell:.0f}"
    return str(cell)
