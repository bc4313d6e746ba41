"""# Drawing: the sheets of a circuit, and the files they become."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.schematic.compose import compose
from eda.schematic.exports import EXPORTS, Export, export, why_flat
from eda.schematic.hierarchy import BLOCKS_ABOVE, pages_of
from eda.schematic.measure import Measures, measure
from eda.schematic.plain import plain_sheet
from eda.schematic.svg import write_svg

if TYPE_CHECKING:
    from pathlib import Path

    from eda.circuit import Circuit, Scope
    from eda.schematic.sheet import Sheet

MOST_WIRED: Final = 120
"""Sheets with more devices are not wired: every pin carries the name of its net."""

PICTURES: Final = ("svg", "png", "pdf")

FORMATS: Final = (*PICTURES, *EXPORTS)
"""Suffixes of what a drawing is written as: pictures, and files of schematic editors."""


@dataclass(frozen=True)
class Drawing:
    r"""A drawn circuit: one sheet, or one a subcircuit, the top first.

    Attributes:
        sheets: The pages.
        scopes: The circuit or subcircuit that each shows.
        circuit: All of it.
        subcircuit, seed: As given to `draw`.

    Example:
        >>> import eda
        >>> divider = eda.parse_netlist("divider\nR1 in out 1k\nR2 out 0 1k\n")
        >>> drawing = draw(divider)
        >>> drawing.measures[0].crossings, 'data-device="R1"' in drawing.svg()
        (0, True)
    """

    sheets: tuple[Sheet, ...]
    scopes: tuple[Scope, ...] = field(default=(), repr=False)
    circuit: Circuit | None = field(default=None, repr=False)
    subcircuit: str | None = None
    seed: int = 0

    def svg(self, sheet: int = 0) -> str:
        """Return one sheet as an SVG document."""
        return write_svg(self.sheets[sheet])

    def _repr_svg_(self) -> str:
        return self.svg()

    @property
    def measures(self) -> tuple[Measures, ...]:
        """The figures of every sheet."""
        return tuple(measure(sheet) for sheet in self.sheets)

    def paths(self, path: Path) -> list[Path]:
        """Return the files that `write` makes of a path.

        Raises:
            InputError: The suffix is none of those that are written, or the circuit is too
                large for an editor.
        """
        kind = path.suffix.lower().removeprefix(".")
        if kind in EXPORTS:
            return list(self.export(path).files)
        if kind not in FORMATS:
            known = ", ".join(f".{name}" for name in FORMATS)
            raise InputError(f"{path}: a drawing is written as {known}; choose one of these")
        if kind == "pdf":
            return [path]
        return [
            path if number == 0 else _beside(path, sheet.name, number)
            for number, sheet in enumerate(self.sheets)
        ]

    def write(self, path: Path) -> list[Path]:
        """Write it as the suffix says: ``.svg`` and ``.png`` a file a sheet, ``.pdf`` one file.

        ``.sch`` (xschem), ``.asc`` (LTspice) and ``.kicad_sch`` (KiCad) come with the symbols
        and sheets that belong to them; `export` tells what they cannot say.

        Returns:
            The files: ``path``, then for further sheets ``STEM.SUBCIRCUIT.svg`` beside it.

        Raises:
            InputError: The suffix is none of them, or a file would be overwritten that was not
                written here.
        """
        kind = path.suffix.lower().removeprefix(".")
        if kind in EXPORTS:
            return self.export(path).write()
        paths = self.paths(path)
        sheets = [self.sheets] if kind == "pdf" else [(sheet,) for sheet in self.sheets]
        for own, shown in zip(paths, sheets, strict=True):
            # Renamed when whole, so that nobody meets half a file.
            temporary = own.with_name(f".{own.stem}.{os.getpid()}{own.suffix}")
            try:
                if kind == "svg":
                    temporary.write_text(write_svg(shown[0]), encoding="utf-8")
                else:
                    from eda.schematic.figure import write_figure

                    write_figure(shown, temporary, kind=kind)
                os.replace(temporary, own)
            except OSError as error:
                raise InputError(f"{own} cannot be written: {error.strerror or error}") from error
            finally:
                temporary.unlink(missing_ok=True)
        return paths

    def export(self, path: Path) -> Export:
        """Return the files of a schematic editor, not written yet, and what they cannot say.

        Args:
            path: Its suffix says for which editor.

        Raises:
            InputError: There is none of that suffix, or the circuit is too large.
        """
        kind = path.suffix.lower().removeprefix(".")
        if kind not in EXPORTS or self.circuit is None:
            known = ", ".join(f".{name}" for name in EXPORTS)
            raise InputError(f"{path}: files of schematic editors are {known}; choose one of these")
        pages = list(zip(self.sheets, self.scopes, strict=True))
        reason = why_flat(pages, kind)
        if not reason:
            return export(pages, self.circuit, path)
        flat = draw(self.circuit, subcircuit=self.subcircuit, seed=self.seed, blocks_above=10**9)
        return export([(flat.sheets[0], flat.scopes[0])], self.circuit, path, notes=(reason,))


def _beside(path: Path, name: str, number: int) -> Path:
    """Return the file of a further sheet; a name from a netlist is no path."""
    kept = "".join(letter if letter.isalnum() or letter in "_-" else "_" for letter in name)
    return path.with_name(f"{path.stem}.{kept[:60] or number}{path.suffix}")


def draw(
    circuit: Circuit,
    *,
    subcircuit: str | None = None,
    seed: int = 0,
    blocks_above: int = BLOCKS_ABOVE,
) -> Drawing:
    """Draw a circuit as a designer would: supply above, ground below, signals left to right.

    Args:
        circuit: As read; up to ``blocks_above`` devices it is drawn flat, above that with a
            box for each instance and a sheet for each subcircuit.
        subcircuit: Draw this subcircuit; by default the top level, or in a file of only
            subcircuits the one that nobody instantiates.
        seed: Where placement starts from; the same seed gives the same drawing.
        blocks_above: See ``circuit``.

    Raises:
        NetlistError: There is no such subcircuit.
    """
    sheets = []
    pages = pages_of(circuit, subcircuit=subcircuit, blocks_above=blocks_above)
    for page in pages:
        sheet = None
        if len(page.circuit.devices) <= MOST_WIRED:
            sheet = compose(page.circuit, seed=seed, name=page.name, sides=page.sides)
        sheets.append(sheet or plain_sheet(page.circuit, name=page.name, sides=page.sides))
    scopes = tuple(page.scope for page in pages)
    return Drawing(tuple(sheets), scopes, circuit, subcircuit, seed)
