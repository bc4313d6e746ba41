"""A drawing as the files of another editor, and what of the circuit they cannot say."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.circuit import Subcircuit
from eda.errors import InputError
from eda.schematic.exports import kicad, ltspice, xschem
from eda.schematic.exports.cards import page_of
from eda.schematic.exports.own_symbols import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eda.circuit import Circuit, Scope
    from eda.schematic.exports.cards import Page
    from eda.schematic.sheet import Sheet
    from eda.spice.convert.respell import Renaming
    from eda.spice.convert.target import Loss, Target


@dataclass(frozen=True, slots=True)
class Editor:
    """A schematic editor whose files are written.

    Attributes:
        name: As people call it.
        target: What its netlists can say.
        write: Makes its files from pages and the stem of the first one's name.
        mark: What tells a file that was written here.
        parameters: Whether a sheet can have parameters.
    """

    name: str
    target: Target
    write: Callable[[Sequence[Page], str], dict[str, str]]
    mark: str
    parameters: bool


EXPORTS: Final[dict[str, Editor]] = {
    "sch": Editor("xschem", xschem.TARGET, xschem.write_xschem, xschem.MARK, parameters=True),
    "asc": Editor("LTspice", ltspice.TARGET, ltspice.write_ltspice, ltspice.MARK, parameters=False),
    "kicad_sch": Editor("KiCad", kicad.TARGET, kicad.write_kicad, kicad.MARK, parameters=False),
}
"""The editors by the suffix of their files."""


@dataclass(frozen=True, slots=True)
class Export:
    """The files of a drawing.

    Attributes:
        files: Texts by path; the first is the top's.
        dropped: What the editor's netlist cannot say.
        renamed: Names that are other ones there.
        notes: How it differs from the drawing.
        editor: For whom.
    """

    files: dict[Path, str]
    dropped: tuple[Loss, ...]
    renamed: tuple[Renaming, ...]
    notes: tuple[str, ...]
    editor: Editor

    def write(self) -> list[Path]:
        """Write the files; each appears whole.

        Raises:
            InputError: A file beside the top's is there and was not written here.
        """
        first, *others = self.files
        for path in others:
            self._check(path)
        for path, text in self.files.items():
            temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
            try:
                temporary.write_text(text, encoding="utf-8", newline="\n")
                os.replace(temporary, path)
            except OSError as error:
                raise InputError(f"{path} cannot be written: {error.strerror or error}") from error
            finally:
                temporary.unlink(missing_ok=True)
        return [first, *others]

    def _check(self, path: Path) -> None:
        if not path.exists():
            return
        try:
            ours = self.editor.mark in path.read_text(encoding="utf-8", errors="replace")[:4000]
        except OSError:
            ours = False
        if not ours:
            raise InputError(
                f"{path} is there and is not from eda draw; write into another folder, or move it"
            )


def export(
    sheets: Sequence[tuple[Sheet, Scope]],
    circuit: Circuit,
    path: Path,
    *,
    notes: tuple[str, ...] = (),
) -> Export:
    """Return the files that stand for a drawing in another editor.

    Args:
        sheets: Every sheet with what it is a drawing of, the top first.
        circuit: All of it.
        path: Of the top's file; its suffix says for which editor.
        notes: Carried over.

    Raises:
        InputError: A sheet does not show its devices.
    """
    editor = EXPORTS[path.suffix.lower().removeprefix(".")]
    pages: list[Page] = []
    for sheet, scope in sheets:
        if len(sheet.placed) != len(scope.devices):
            raise InputError(
                f"{len(scope.devices):,} devices are too many for a sheet of {editor.name}; "
                "draw a part of it: --subcircuit NAME"
            )
        pages.append(page_of(sheet, scope, circuit, editor.target, top=not pages))
    made = editor.write(pages, safe_name(path.stem))
    top, *others = made
    files = {path: made[top], **{path.with_name(name): made[name] for name in others}}
    dropped = dict.fromkeys(loss for page in pages for loss in page.losses)
    renamed = dict.fromkeys(item for page in pages for item in page.renamed)
    return Export(files, tuple(dropped), tuple(renamed), notes, editor)


def why_flat(sheets: Sequence[tuple[Sheet, Scope]], kind: str) -> str:
    """Return why an editor cannot have a sheet a subcircuit; empty where it can."""
    editor = EXPORTS[kind]
    shown: set[str] = set()
    shown_ports: dict[str, tuple[str, ...]] = {}
    for _, scope in sheets[1:]:
        if not isinstance(scope, Subcircuit):
            continue
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", scope.name):
            return f"{scope.name} is no name for a file; all is on one sheet"
        if scope.name.lower() in shown:
            return f"two subcircuits are called {scope.name}; all is on one sheet"
        shown.add(scope.name.lower())
        shown_ports[scope.name.lower()] = scope.ports
        if not editor.parameters and (scope.defaults or scope.parameters or scope.functions):
            return f"{editor.name} has no sheets with parameters; all is on one sheet"
    for _, scope in sheets:
        for device in scope.devices:
            ports = shown_ports.get(device.model.lower(), device.roles)
            if device.kind == "subcircuit" and device.roles != ports:
                return f"{device.name} has other pins than {device.model}; all is on one sheet"
    defined = {name for _, scope in sheets for name in scope.subcircuits}
    used = {
        device.model.lower()
        for _, scope in sheets
        for device in scope.devices
        if device.kind == "subcircuit"
    }
    if len(sheets) > 1 and (defined & used) - shown:
        return "there are more subcircuits than sheets are drawn; all is on one sheet"
    return ""
