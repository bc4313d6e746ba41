"""The end of an AIGER file: its symbol table, and the comment behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eda.aig.aiger_lines import Lines

_SYMBOL: Final = re.compile(rb"([ilobcjf])([0-9]{1,10}) (.*)", re.DOTALL)

_TABLES: Final = {
    b"i": ("I", "input_names", "inputs"),
    b"l": ("L", "latch_names", "latches"),
    b"o": ("O", "output_names", "outputs"),
    b"b": ("B", "bad_names", "bad states"),
    b"c": ("C", "constraint_names", "constraints"),
    b"j": ("J", "justice_names", "justice properties"),
    b"f": ("F", "fairness_names", "fairness constraints"),
}


def read_symbols(lines: Lines, header: Any) -> tuple[dict[str, tuple[str, ...]], str]:
    """Read what follows the ANDs.

    Returns:
        The tables of names, by the attribute of `Aig`, and the comment.

    Raises:
        AigerError: A line is no symbol, or names something that is not there, or a second time.
    """
    found: dict[str, dict[int, str]] = {}
    while lines.left:
        if lines.data[lines.at : lines.at + 1] == b"c" and not _is_constraint(lines, header):
            return _tables(found, header), _comment(lines)
        match = _SYMBOL.fullmatch(lines.next("a symbol"))
        if match is None:
            raise lines.error(
                "neither a symbol (such as 'i0 name') nor the comment mark 'c'; more lines or ANDs "
                "than the header promises?"
            )
        letter, index, name = match[1], int(match[2]), match[3]
        count, table, what = _TABLES[letter]
        if index >= getattr(header, count):
            raise lines.error(
                f"there is no {letter.decode()}{index}: the file has {getattr(header, count)} "
                f"{what}, counted from 0"
            )
        names = found.setdefault(table, {})
        if index in names:
            raise lines.error(f"{letter.decode()}{index} is named a second time")
        names[index] = name.decode("utf-8", "surrogateescape")
    return _tables(found, header), ""


def _is_constraint(lines: Lines, header: Any) -> bool:
    """Tell ``c0 name`` from a comment: a comment may start right behind its mark."""
    match = re.match(rb"c([0-9]{1,10}) ", lines.data[lines.at : lines.at + 12])
    return match is not None and int(match[1]) < header.C


def _comment(lines: Lines) -> str:
    text = lines.data[lines.at + 1 :]
    for end in (b"\r\n", b"\n"):
        if text.startswith(end):
            text = text[len(end) :]
            break
    return text.decode("utf-8", "surrogateescape")


def _tables(found: dict[str, dict[int, str]], header: Any) -> dict[str, tuple[str, ...]]:
    sizes = {table: getattr(header, count) for count, table, _ in _TABLES.values()}
    return {
        table: tuple(names.get(at, "") for at in range(sizes[table]))
        for table, names in found.items()
        if any(names.values())
    }
