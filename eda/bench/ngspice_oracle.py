"""ngspice as the oracle of `eda bench spice`: what it makes of a deck, asked in a subprocess.

The deck is copied into a folder of its own, with the files it includes, and loses its
``.control`` blocks on the way: they can run shell commands. ngspice gets a time limit, a memory
limit and a process group of its own, which is killed as a whole.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from eda.circuit import Circuit, Device, Scope
from eda.errors import SimulatorNotFoundError

BEHAVIOUR: Final = {"hspice": "hsa", "ltspice": "lta", "pspice": "psa", "kicad": "kia"}
"""ngspice's own names for the dialects it can be told to read."""

_MEMORY: Final = 4 * 2**30
_FILE_SIZE: Final = 64 * 2**20
_COMPLAINT: Final = re.compile(
    r"(?:fatal )?error\b|.*\b(?:unknown|undefined|can't|cannot|no such)\b", re.IGNORECASE
)
_LISTING: Final = re.compile(r"^\t\S.*\n\s*\n(?=\s*\d+ : )", re.MULTILINE)
_CARD: Final = re.compile(r"^\s*\d+ : (\S.*)$", re.MULTILINE)
_VALUE: Final = re.compile(r"^(\S+) = ([-+0-9.eE]+|nan|-nan|inf|-inf)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of ngspice left: its output, or how it ended."""

    output: str
    timed_out: bool = False

    @property
    def complaint(self) -> str:
        """The first line in which ngspice says what it does not like."""
        if self.timed_out:
            return "ran into the time limit"
        for line in self.output.splitlines():
            words = line.strip()
            if _COMPLAINT.match(words) is not None:
                return words[:160]
        return "gave no answer"


def find_ngspice() -> str:
    """Return the path of the ngspice program.

    Raises:
        SimulatorNotFoundError: It is not installed.
    """
    found = shutil.which("ngspice")
    if found is None:
        raise SimulatorNotFoundError("ngspice is not installed; `eda doctor` says how to get it")
    return found


def listing(
    circuit: Circuit, *, stand_ins: bool = False, seconds: float = 20
) -> tuple[list[str] | None, Ran]:
    """Return the cards of the flattened deck as ngspice lists them, or None where it fails.

    A file of only subcircuits gets one instance, ``xtop``, of the one that `flatten` chooses.
    With ``stand_ins``, models and subcircuits that nobody defines are made up, so that
    netlists without their PDK are listed too.
    """
    with TemporaryDirectory() as folder:
        commands = ["listing expand", "echo end-of-listing"]
        deck = copy_deck(circuit, Path(folder), commands, stand_ins=stand_ins)
        ran = run_ngspice(deck, dialect=circuit.dialect, seconds=seconds)
    begun = _LISTING.search(ran.output)
    if begun is None or "end-of-listing" not in ran.output:
        return None, ran
    cards = _CARD.findall(ran.output, begun.end())
    return [card for card in cards if card[0] not in ".*"], ran


def operating_point(
    circuit: Circuit, *, text: str | None = None, seconds: float = 20
) -> tuple[dict[str, float] | None, Ran]:
    """Return node voltages and branch currents at the operating point, or None.

    Args:
        circuit: The deck, as it was read.
        text: Another text to run in the place of its own file.
        seconds: The time limit.
    """
    with TemporaryDirectory() as folder:
        commands = ["set numdgt=14", "op", "echo begin-of-values", "print all"]
        deck = copy_deck(circuit, Path(folder), commands, text=text)
        ran = run_ngspice(deck, dialect=circuit.dialect if text is None else "", seconds=seconds)
    head, found, rest = ran.output.partition("begin-of-values\n")
    if not found or "run simulation(s) aborted" in head or "op simulation(s) aborted" in head:
        return None, ran
    return {name.lower(): float(value) for name, value in _VALUE.findall(rest)} or None, ran


def copy_deck(
    circuit: Circuit,
    folder: Path,
    commands: Sequence[str],
    *,
    text: str | None = None,
    stand_ins: bool = False,
    cards: Sequence[str] = (),
) -> Path:
    """Write a deck and its includes below a folder, with ``commands`` as its only control block.

    Args:
        circuit: The deck, as it was read.
        folder: An empty folder.
        commands: What ngspice is to do; without any there is no control block.
        text: A text to write in the place of the deck's own, which needs no includes.
        stand_ins: Whether models and subcircuits that nobody defines are made up.
        cards: Cards that are added to its end.

    Raises:
        ValueError: The circuit has no source to copy.
    """
    if circuit.source is None:
        raise ValueError("the circuit was not read from a file")
    paths = {source.path: Path(source.path).resolve() for source in circuit.files}
    main = paths[circuit.source.path]
    top = Path(os.path.commonpath([str(path.parent) for path in paths.values()]))
    for source in circuit.files if text is None else ():
        path = paths[source.path]
        copy = folder / path.relative_to(top)
        copy.parent.mkdir(parents=True, exist_ok=True)
        _write(copy, without_control(source.text))
    deck = folder / main.relative_to(top)
    deck.parent.mkdir(parents=True, exist_ok=True)
    body = without_control(circuit.source.text if text is None else text)
    lines = [line for line in body.splitlines() if line.strip().lower() != ".end"]
    if text is None and not circuit.title and not body.lstrip().startswith("*"):
        lines.insert(0, "* a title, for the simulator wants one")
    lines += _instance_of_top(circuit)
    if stand_ins:
        lines += missing_definitions(circuit)
    lines += cards
    if commands:
        lines += [".control", *commands, "quit", ".endc"]
    lines += [".end", ""]
    _write(deck, "\n".join(lines))
    return deck


def without_control(text: str) -> str:
    r"""Return a netlist without its ``.control`` blocks; the number of lines stays.

    Example:
        >>> without_control("* t\n.control\nshell rm -r /\n.endc\nR1 a 0 1")
        '* t\n*\n*\n*\nR1 a 0 1'
    """
    kept, inside = [], False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        word = line.strip().lower()
        starts = word.startswith(".control")
        kept.append("*" if inside or starts else line)
        inside = (inside or starts) and not word.startswith(".endc")
    return "\n".join(kept)


def _write(path: Path, text: str) -> None:
    path.write_text(text.lstrip("\ufeff"), encoding="utf-8", errors="replace", newline="\n")


def _instance_of_top(circuit: Circuit) -> list[str]:
    from eda.circuit.flatten import top_subcircuit

    top = top_subcircuit(circuit)
    if top is None:
        return []
    return [f"xtop {' '.join(top.ports)} {top.name}"]


STAND_IN: Final = "rstandin"
"""The one device of a subcircuit that is made up, so that its instances are listed."""

_MODEL_KINDS: Final = {
    **{"mosfet": ("nmos", "pmos"), "bipolar": ("npn", "pnp"), "jfet": ("njf", "pjf")},
    **{"mesfet": ("nmf", "pmf"), "diode": ("d", "d"), "resistor": ("r", "r")},
    **{"capacitor": ("c", "c"), "inductor": ("l", "l")},
}


def missing_definitions(circuit: Circuit) -> list[str]:
    """Return cards that define what a circuit names and nobody defines."""
    made: dict[str, str] = {}
    stubs: dict[str, Device] = {}
    taken: dict[str, dict[str, None]] = {}
    scopes: list[tuple[Scope, frozenset[str]]] = [(circuit, frozenset())]
    while scopes:
        scope, around = scopes.pop()
        known = around | {*scope.models, *scope.subcircuits}
        scopes += [(inner, known) for inner in scope.subcircuits.values()]
        for device in scope.devices:
            model = device.model.lower()
            if not model or model in known or any(name.startswith(f"{model}.") for name in known):
                continue
            if device.name[0] in "xX":
                stubs.setdefault(model, device)
                taken.setdefault(model, {}).update(dict.fromkeys(device.parameters))
            elif device.kind in _MODEL_KINDS:
                kind = _MODEL_KINDS[device.kind][device.polarity == "p"]
                made[model] = f".model {device.model} {kind}"
    lines = [*made.values()]
    for model, device in stubs.items():
        nets = " ".join(f"n{i}" for i in range(len(device.nets)))
        wanted = [name for name in taken[model] if name.isidentifier() and name != "m"]
        names = " ".join(f"{name}=0" for name in wanted)
        other = "n1" if len(device.nets) > 1 else "0"
        body = f"{STAND_IN} n0 {other} 1" if device.nets else f"{STAND_IN} 0 0 1"
        lines += [f".subckt {device.model} {nets} {names}", body, ".ends"]
    return lines


def run_ngspice(deck: Path, *, dialect: str = "", seconds: float = 20, raw: str = "") -> Ran:
    """Run ngspice on a deck in batch mode.

    Args:
        deck: The file, in a folder of its own.
        dialect: Which of `BEHAVIOUR` it is told to show.
        seconds: The time limit.
        raw: Name of a raw file for its waveforms, beside the deck.
    """
    command = [find_ngspice(), "-b"]
    if raw:
        command += ["-r", raw]
    if dialect in BEHAVIOUR:
        command += ["-D", f"ngbehavior={BEHAVIOUR[dialect]}"]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(deck.parent),
        "LC_ALL": "C.UTF-8",
        "OMP_THREAD_LIMIT": "1",
    }
    process = subprocess.Popen(
        [*command, deck.name],
        cwd=deck.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_limit,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return Ran(output.decode("utf-8", "replace"), timed_out=True)
    return Ran(output.decode("utf-8", "replace"))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_SIZE, _FILE_SIZE))
