"""``.control`` blocks: what is taken over, what is left out, and what is refused by name."""

import pytest

from eda.spice import Ac, Op, parse_netlist
from eda.spice.control import Refusal, Script, read_control
from eda.spice.deck import make_job
from eda.spice.job import Job, NotRun, Step
from eda.spice.simulation import Status

DECK = "* rc\n.param r=1k\nV1 in 0 dc 1 ac 1\nR1 in out {r}\nC1 out 0 1u\n"


def script(*lines: str) -> Script:
    made = read_control(lines)
    assert isinstance(made, Script)
    return made


@pytest.mark.parametrize(
    ("line", "command", "why"),
    [
        ("shell rm -rf /", "shell", "it runs programs"),
        ("SHELL ls", "shell", "it runs programs"),
        ("!ls", "!ls", "it runs programs"),
        ("write out.raw v(out)", "write", "it writes files"),
        ("wrdata out.txt v(out)", "wrdata", "it writes files"),
        ("wrs2p out.s2p", "wrs2p", "it writes files"),
        ("hardcopy out.ps v(out)", "hardcopy", "it writes files"),
        ("gnuplot out v(out)", "gnuplot", "it writes files"),
        ("snsave state", "snsave", "it writes files"),
        ("source other.cir", "source", "it reads files or cards that were not checked"),
        ("load old.raw", "load", "it reads files or cards that were not checked"),
        ("codemodel evil.cm", "codemodel", "it loads machine code"),
        ("osdi evil.osdi", "osdi", "it loads machine code"),
        ("pre_osdi evil.osdi", "pre_osdi", "it runs before the deck is read"),
        ("cd /", "cd", "it changes folders"),
        ("aspice deck", "aspice", "it runs programs"),
        ("edit deck", "edit", "it runs programs"),
        ("system ls", "system", "it is not known to be harmless"),
        ("frobnicate", "frobnicate", "it is not known to be harmless"),
        ("foreach x 1 2 3", "foreach", "loops and conditions are not followed"),
        ("print v(out) > file", "print", "< and > read and write files"),
        ("echo hi >> file", "echo", "< and > read and write files"),
        ("op `ls`", "op", "backticks run programs"),
        ("let x = `ls`", "let", "backticks run programs"),
        ("alter r1 = $value", "alter", "variables of the script are not followed"),
        ("alter r1 = {2}", "alter", "it holds signs that ngspice's command reader acts upon"),
        ("ac dec 10 1", "ac", "'ac dec 10 1': write it as ac dec POINTS START STOP"),
    ],
)
def test_refused(line: str, command: str, why: str) -> None:
    assert read_control(["op", line]) == Refusal(command, line, why)


def test_the_refusal_names_the_command_and_the_way_out() -> None:
    job = make_job(parse_netlist(DECK + ".control\nop\nshell ls\n.endc\n"))
    assert job == NotRun(
        Status.REFUSED,
        "refused: the .control command 'shell' (it runs programs) in: shell ls\n"
        "remove it, or use --trust-deck (trust_deck=True) if you trust this deck",
    )


def test_harmless_commands_become_steps() -> None:
    made = script(
        "* a comment",
        "set color0=white",
        "op ; the operating point",
        "let p = -i(v1)*v(in) >= 2",
        "print p",
        "alter R1 = 2k",
        "ac dec 10 1 1meg",
        "meas ac fc WHEN vdb(out)=-3",
        "plot vdb(out)",
        "save @m1[gm]",
        "option temp=50",
        "quit",
        "shell never reached",
    )
    assert made.steps == (
        Step("analysis", "op", analysis=Op()),
        Step("let", "let p = -i(v1)*v(in)  ge  2", "p"),
        Step("print", "p", "p"),
        Step("command", "alter r1 = 2k"),
        Step("analysis", "ac dec 10 1 1e+06", analysis=Ac(1, 1e6, 10)),
        Step("measure", "meas ac fc when vdb(out)=-3", "fc"),
    )
    assert made.saves == ("@m1[gm]",)
    assert made.options == ("temp=50",)
    assert made.left_out == ("set color0", "plot")


def test_measures_become_cards_where_that_is_the_same() -> None:
    assert script("ac dec 10 1 1k", "meas ac x max vdb(out)").cards == ("meas ac x max vdb(out)",)
    twice = script("tran 1u 1m", "meas tran x max v(a)", "tran 1u 2m", "meas tran y max v(a)")
    assert twice.cards == ()
    assert script("op", "let a=1", "ac dec 1 1 10", "meas ac x max a").cards == ()


def test_run_stands_for_the_cards_of_the_deck() -> None:
    deck = DECK + ".ac dec 10 1 {r}\n.control\nrun\nplot v(out)\n.endc\n"
    job = make_job(parse_netlist(deck))
    assert isinstance(job, Job)
    assert [step.text for step in job.steps] == ["ac dec 10 1 1000"]
    assert ".control" not in job.deck
    assert ".ac" not in job.deck


def test_a_trusted_deck_keeps_its_block() -> None:
    job = make_job(parse_netlist(DECK + ".control\nshell ls\n.endc\n"), trust_deck=True)
    assert isinstance(job, Job)
    assert job.trusted
    assert ".control\nshell ls\n.endc\n" in job.deck


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (
            'd_process (process_file="/bin/sh")',
            "refused: the model mm is a d_process, which runs "
            "programs; use --trust-deck if you trust it",
        ),
        (
            'filesource (file="/etc/passwd")',
            "refused: mm reads /etc/passwd, which is outside the "
            "deck's folder; use --trust-deck if you trust it",
        ),
        (
            'filesource (file="../../x")',
            "refused: mm reads ../../x, which is outside the deck's "
            "folder; use --trust-deck if you trust it",
        ),
    ],
)
def test_code_models_that_could_do_harm_are_refused(model: str, reason: str) -> None:
    deck = f"* d\nV1 a 0 1\nA1 %vd([b 0]) mm\nR1 b 0 1\n.model mm {model}\n"
    assert make_job(parse_netlist(deck, strict=False)) == NotRun(Status.REFUSED, reason)


def test_comments_that_ngspice_would_run_do_not_get_through() -> None:
    for deck in ("*#shell ls\nV1 a 0 1\nR1 a 0 1\n", "* t\nV1 a 0 1\n*#shell ls\nR1 a 0 1\n"):
        job = make_job(parse_netlist(deck))
        assert isinstance(job, Job)
        assert "*#" not in job.deck
