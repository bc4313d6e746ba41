"""Printing: results to stdout as text, tables or JSON; notes, warnings and progress to stderr."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from eda.cli.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

BROKEN_PIPE = 141
"""Exit code when nobody reads our output any more, as shells report it."""


def put(text: str) -> None:
    """Print a result to stdout, quietly ending where its reader has gone away."""
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end; give it something to flush into.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from None
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        put(text.encode(encoding, "backslashreplace").decode(encoding))


def put_json(schema: str, answer: Mapping[str, Any]) -> None:
    """Print an answer for programs: one line, its versioned schema first.

    The schema changes its number when a key is renamed, removed or changes its meaning; new
    keys may come without.
    """
    put(json.dumps({"schema": schema, **answer}))


def note(text: str) -> None:
    """Print a remark to stderr, unless ``--quiet`` was given."""
    if not settings.quiet:
        print(text, file=sys.stderr, flush=True)


MOST_LISTED = 20
"""Items of a list that are shown; --json gives all."""


def show_lists(target: str, dropped: Sequence[object], renamed: Sequence[object]) -> None:
    """Say what was dropped and what renamed on the way into a dialect, the first of each.

    Args:
        target: The dialect, or the editor.
        dropped: What it cannot say.
        renamed: Names that are other ones there.
    """
    for word, items in (("not said", dropped), ("renamed", renamed)):
        for item in items[:MOST_LISTED]:
            note(f"{word} in {target}: {item}")
        if len(items) > MOST_LISTED:
            note(f"... and {len(items) - MOST_LISTED} more; --json lists them all")


def complain(text: str) -> None:
    """Print an error to stderr."""
    print(text, file=sys.stderr, flush=True)


def put_table(
    rows: Iterable[Sequence[str]], *, headers: Sequence[str], right: Sequence[str] = ()
) -> None:
    """Print a table: on a terminal fitted to its width, elsewhere a row a line, never broken.

    Args:
        rows: Texts, as many a row as there are headers.
        headers: Titles of the columns.
        right: Those whose texts stand to the right, as numbers do.
    """
    cells = [list(row) for row in rows]
    if sys.stdout.isatty():
        put(_terminal_table(cells, headers, right))
    else:
        put(_plain_table(cells, headers, right))


def _plain_table(rows: list[list[str]], headers: Sequence[str], right: Sequence[str]) -> str:
    # Without rich, whose import costs a tenth of a second.
    rows = [[cell.replace("\n", "; ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    lines = [list(headers), ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if header in right else cell.ljust(width)
            for cell, width, header in zip(line, widths, headers, strict=True)
        ).rstrip()
        for line in lines
    )


def _terminal_table(rows: list[list[str]], headers: Sequence[str], right: Sequence[str]) -> str:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = StringIO()
    console = Console(file=made, force_terminal=True, color_system="auto", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in rows:
        # Text, not markup: a net may be called [red].
        table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    console.print(table)
    return made.getvalue()


_STYLES = {"error": "red", "missing": "red", "warning": "yellow", "optional": "yellow"}


def _style(cell: str) -> str:
    return _STYLES.get(cell, "green" if cell == "ok" else "")


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show on a terminal that something is going on, once it has taken a second."""
    if settings.quiet or not sys.stderr.isatty():
        yield
        return
    from threading import Timer

    from rich.console import Console

    status = Console(stderr=True).status(text)
    timer = Timer(1.0, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        status.stop()


@contextmanager
def counting(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that shows how far something is: a bar on a terminal, nothing elsewhere."""
    if settings.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def replacing(out: Path, *, inputs: Iterable[str] = ()) -> Iterator[Path]:
    """Give a temporary path beside ``out``; on success it becomes ``out``, else it vanishes.

    Args:
        out: The file to be written.
        inputs: Files that were read, none of which may be overwritten.

    Raises:
        InputError: ``out`` is one of the inputs, a folder, or cannot be written.
    """
    check_out(out, inputs=inputs)
    # The suffix stays, because writers choose the format by it.
    temporary = out.with_name(f".{out.stem}.{os.getpid()}{out.suffix}")
    try:
        yield temporary
        os.replace(temporary, out)
    except OSError as error:
        from eda.errors import InputError

        raise InputError(f"{out} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def check_out(out: Path, *, inputs: Iterable[str] = ()) -> None:
    """Refuse an output that would overwrite an input, or that has no place to be written to.

    Raises:
        InputError: ``out`` is one of the inputs, a folder, or in a folder that is not there.
    """
    from eda.errors import InputError

    for given in inputs:
        if given != "-" and out.exists() and Path(given).exists() and out.samefile(given):
            raise InputError(f"{out} is the input and would be overwritten; name another file")
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file in it")
    if not out.parent.is_dir():
        raise InputError(f"{out} cannot be written: there is no folder {out.parent}; make it first")
