"""The command line as a whole: its commands, loaded when named, and what failures look like."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.output import BROKEN_PIPE, complain
from eda.cli.settings import settings, take_settings
from eda.errors import EdaError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final[dict[str, str]] = {
    "predict-links": "predict_links",
    "info": "info",
    "check": "check",
    "compare": "compare",
    "convert": "convert",
    "graph": "graph",
    "draw": "draw",
    "simulate": "simulate",
    "generate": "generate",
    "case": "case",
    "surrogate": "surrogate",
    "size": "size",
    "design-filter": "design_filter",
    "filters": "filters",
    "cec": "cec",
    "optimize-aig": "optimize_aig",
    "synthesize": "synthesize",
    "embed": "embed",
    "train": "train",
    "bench": "bench",
    "cache": "cache",
    "datasets": "datasets",
    "doctor": "doctor",
}
"""Each command and its module, in the order of ``eda --help``."""

HELP = """Circuits as graphs: from a SPICE netlist to predicted links.

Every command knows --json for programs and --help; --quiet and --debug may stand anywhere.
"""

EXIT_CODES = (
    "Exit codes: 0 done; 1 done, and the answer is negative; 2 bad input or usage; "
    "3 a needed program is missing; 4 simulation or internal failure."
)

NEGATIVE = 1
USAGE = 2
FAILURE = 4
INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: The words after ``eda``; those of this process where None.
    """
    words = take_settings(list(sys.argv[1:] if arguments is None else arguments))
    try:
        make_app(words)(args=words, prog_name="eda")
    except SystemExit as end:
        return _code(end)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except EdaError as error:
        return _failed(error)
    except Exception as error:  # the one place where everything is caught
        return _failed(error)
    return 0


def make_app(words: Sequence[str]) -> typer.Typer:
    """Return the application, with only the command that is named, or with all of them.

    Importing ten modules to run one of them would be felt at every call.
    """
    # Plain help and errors: rich would cost a tenth of a second and break sentences into panels.
    app = typer.Typer(
        help=HELP,
        epilog=EXIT_CODES,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_whole)
    named = words[0] if words and "_EDA_COMPLETE" not in os.environ else ""
    for name, module in COMMANDS.items():
        if named == name or named not in COMMANDS:
            register: Any = import_module(f"eda.cli.{module}").register
            register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        import eda
        from eda.cli.output import put

        put(f"eda {eda.__version__}")
        raise typer.Exit


def _whole(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Print the version and end."
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print results and errors only.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and log lines.")] = False,
) -> None:
    # quiet and debug are here for the help; `take_settings` has already applied them.
    pass


def _code(end: SystemExit) -> int:
    if end.code is None:
        return 0
    return end.code if isinstance(end.code, int) else USAGE


def _failed(error: Exception) -> int:
    """Say in one sentence what went wrong, and return the exit code for it."""
    if settings.debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, EdaError):
        complain(f"error: {error}")
        return error.exit_code
    if isinstance(error, MemoryError):
        complain("error: there is not enough memory for this; try a smaller circuit")
        return FAILURE
    what = str(error).strip().split("\n")[0]
    complain(
        f"error: unexpected {type(error).__name__}{f': {what}' if what else ''}"
        " (this is a bug; run with --debug and report what it prints)"
    )
    return FAILURE
