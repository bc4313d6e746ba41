"""The command line as a whole: help, version, exit codes, and what failures look like."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import eda as package
from eda.cli import app, settings
from eda.errors import SimulatorNotFoundError

MAIN = [sys.executable, "-m", "eda.cli"]
LIGHT_COMMANDS = ("--help", "--version", "info --help", "predict-links --help")


def test_help_names_every_command_and_the_exit_codes(eda: Callable[..., Any]) -> None:
    ran = eda("--help")
    assert ran.code == 0
    assert ran.err == ""
    for name in app.COMMANDS:
        assert f"\n  {name} " in ran.out
    assert "2 bad input or" in ran.out


GROUPS = {
    "datasets": [("list",), ("get",)],
    "cache": [("info",), ("clear",)],
    "case": [("new",), ("check",)],
    "filters": [("build-data",)],
    "surrogate": [("build-data",), ("train",), ("predict",), ("evaluate",)],
}
"""Commands of several words, which answer in JSON each."""


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_help_and_json(name: str, eda: Callable[..., Any]) -> None:
    ran = eda(name, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: eda {name} [OPTIONS]")
    for words in GROUPS.get(name, [()]):
        assert "--json" in eda(name, *words, "--help").out


def test_short_help_is_not_cut(eda: Callable[..., Any]) -> None:
    assert "..." not in eda("--help").out.partition("Commands:")[2]


def test_version(eda: Callable[..., Any]) -> None:
    ran = eda("--version")
    assert (ran.code, ran.out) == (0, f"eda {package.__version__}\n")


def test_without_a_command_the_help_is_shown(eda: Callable[..., Any]) -> None:
    ran = eda()
    assert ran.code == 2
    assert "Usage: eda" in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["infp"], "No such command 'infp'. Did you mean 'info'?"),
        (["info"], "Missing argument 'FILE'."),
        (["info", "--colour"], "No such option: --colour"),
        (["predict-links", "x.sp", "--top", "0"], "Invalid value for '--top'"),
        (
            ["predict-links", "x.sp", "--audit", "--selftest"],
            "choose one of --audit and --selftest",
        ),
        (["convert", "x.sp"], "Missing option '-o'"),
        (
            ["convert", "x.sp", "-o", "y", "--to", "spce"],
            "spce is no dialect; write ngspice, hspice, ltspice, pspice, cdl, spectre or verilog",
        ),
        (["compare", "-", "-"], "only one of the two can come from standard input"),
        (
            ["bench", "speed"],
            "there is no bench named 'speed'; there are: filters, filters-full-wave,",
        ),
        (
            ["train", "bench"],
            "there is nothing to train named 'bench'; there are: fanins, filters, links, motifs",
        ),
    ],
)
def test_usage_errors(words: list[str], sentence: str, eda: Callable[..., Any]) -> None:
    ran = eda(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_quiet_and_debug_may_stand_anywhere() -> None:
    assert settings.take_settings(["info", "--quiet", "x", "--debug"]) == ["info", "x"]
    assert (settings.settings.quiet, settings.settings.debug) == (True, True)
    assert settings.take_settings(["info", "--", "--quiet"]) == ["info", "--", "--quiet"]
    assert (settings.settings.quiet, settings.settings.debug) == (False, False)


def _failing(error: BaseException) -> Callable[..., Any]:
    def make_app(words: object) -> Callable[..., None]:
        def fail(**_: object) -> None:
            raise error

        return fail

    return make_app


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (SimulatorNotFoundError("no ngspice"), 3, "error: no ngspice\n"),
        (
            ZeroDivisionError("division by zero\nmore"),
            4,
            "error: unexpected ZeroDivisionError: division by zero"
            " (this is a bug; run with --debug and report what it prints)\n",
        ),
        (
            MemoryError(),
            4,
            "error: there is not enough memory for this; try a smaller circuit\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_failures_are_one_sentence(
    error: BaseException,
    code: int,
    message: str,
    eda: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "make_app", _failing(error))
    ran = eda("info", "x")
    assert (ran.code, ran.out, ran.err) == (code, "", message)


def test_debug_shows_the_traceback(
    eda: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "make_app", _failing(ZeroDivisionError("zero")))
    ran = eda("info", "x", "--debug")
    assert ran.code == 4
    assert ran.err.startswith("Traceback (most recent call last):")
    assert "error: unexpected ZeroDivisionError: zero" in ran.err


def test_a_reader_that_goes_away_is_no_failure(ota: Path) -> None:
    # The shell's pipefail would show it; here our end of the pipe is closed before it writes.
    running = subprocess.Popen(
        [*MAIN, "info", str(ota)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    complaint = running.stderr.read()
    running.stderr.close()
    assert running.wait() == 141
    assert complaint == b""


@pytest.mark.parametrize("words", LIGHT_COMMANDS)
def test_help_loads_nothing_heavy(words: str) -> None:
    # Not pydantic: typer itself loads it to look at options.
    heavy = ("numpy", "rich", "torch", "networkx", "eda.spice", "eda.graph")
    script = (
        "import sys\nfrom eda.cli.app import run\n"
        f"code = run({words.split()})\n"
        f"loaded = [name for name in {heavy} if name in sys.modules]\n"
        "print(code, loaded, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "0 []"


def test_a_command_loads_only_its_own_module() -> None:
    script = (
        "import sys\nfrom eda.cli.app import make_app\nmake_app(['info', 'x'])\n"
        "print(sorted(name for name in sys.modules if name.startswith('eda.cli.')))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "eda.cli.info" in ran.stdout
    assert "eda.cli.check" not in ran.stdout
