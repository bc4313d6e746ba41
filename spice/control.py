"""Commands of ``.control`` blocks: the harmless ones become steps, the others are refused.

ngspice runs such a block as a script of a shell: it can start programs and write any file. A
deck from a stranger is therefore never run as it stands. Analyses, measures and changes of
parameters are taken over; what only shows something is left out; anything else is refused by
name, known to be dangerous or not known at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from eda.circuit.expression import DynamicExpression
from eda.errors import ExpressionError, InputError
from eda.numbers import parse_number
from eda.spice.analyses import KINDS, Lookup, from_card
from eda.spice.job import Step

_SHOWS: Final = frozenset(
    (
        *("plot", "iplot", "asciiplot", "display", "listing", "show", "showmod", "status"),
        *("rusage", "version", "echo", "destroy", "delete", "state", "inventory", "help"),
        *("history", "where", "devhelp", "unset", "remcirc", "trace", "settype", "setscale"),
    )
)
"""Commands that only show or tidy something; they are left out."""

_CHANGES: Final = frozenset(
    (
        *("alter", "altermod", "alterparam", "reset", "setplot", "linearize", "fft", "psd"),
        *("spec", "compose", "unlet", "cross", "deriv"),
    )
)
"""Commands that change parameters or make vectors; they are sent as they stand."""

_TAKEN: Final = frozenset(
    (
        *("meas", "measure", "let", "print", "run", "save", "probe", "option", "options", "set"),
        *("quit", "exit", "bye"),
    )
)
"""Commands that become something else."""

_HARM: Final = {
    **dict.fromkeys(("shell", "!", "aspice", "rspice", "edit"), "it runs programs"),
    **dict.fromkeys(
        ("write", "wrdata", "wrs2p", "wrnodev", "hardcopy", "gnuplot", "dump", "snsave", "eprvcd"),
        "it writes files",
    ),
    **dict.fromkeys(
        ("source", "load", "snload", "use", "circbyline", "mc_source", "args"),
        "it reads files or cards that were not checked",
    ),
    **dict.fromkeys(("codemodel", "osdi"), "it loads machine code"),
    **dict.fromkeys(("cd", "getcwd"), "it changes folders"),
    **dict.fromkeys(
        ("foreach", "while", "repeat", "dowhile", "if", "else", "end", "goto", "label", "define"),
        "loops and conditions are not followed",
    ),
}

_PASSED: Final = re.compile(r"[\w\s.+\-*/^%()\[\],@#:=\"]*$")
_VECTOR: Final = re.compile(r"[a-z_]\w*$", re.IGNORECASE)
_DISPLAY: Final = frozenset({"units"})
"""Variables that change what functions give; any other is about looks."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that is not run.

    Attributes:
        command: Its first word.
        line: The whole line.
        why: What it could do.
    """

    command: str
    line: str
    why: str

    def __str__(self) -> str:
        """Return the sentence for the log."""
        return (
            f"refused: the .control command '{self.command}' ({self.why}) in: {self.line}\n"
            "remove it, or use --trust-deck (trust_deck=True) if you trust this deck"
        )


@dataclass(frozen=True, slots=True)
class Script:
    """What became of a ``.control`` block.

    Attributes:
        steps: What is run, in order.
        saves: Words of its ``save`` commands.
        options: Words of its ``option`` commands, for cards of their own.
        cards: Its measures that can be cards, without the dot: ngspice gives those more digits.
        left_out: Commands that only show something.
    """

    steps: tuple[Step, ...] = ()
    saves: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def analyses(self) -> bool:
        """Whether there is an analysis in it."""
        return any(step.kind == "analysis" for step in self.steps)


def read_control(
    lines: Iterable[str], *, cards: Sequence[Step] = (), lookup: Lookup | None = None
) -> Script | Refusal:
    """Return the steps of a ``.control`` block, or the first command that is refused.

    Args:
        lines: The block, without its first and last line.
        cards: The steps of the deck's own analysis cards, which ``run`` stands for.
        lookup: Gives the value of a parameter.

    Example:
        >>> read_control(["op", "let p = -i(v1)*1.8", "print p"]).steps[1].name
        'p'
        >>> read_control(["shell rm -r x"]).why
        'it runs programs'
    """
    steps: list[Step] = []
    saves: list[str] = []
    options: list[str] = []
    left_out: list[str] = []
    for raw in lines:
        line = raw.split(";")[0].strip()
        if not line or line[0] in "*$":
            continue
        word, _, rest = line.partition(" ")
        word, rest = word.lower(), rest.strip()
        if (why := _harm(word, line)) is not None:
            return Refusal(word, line, why)
        if word in ("quit", "exit", "bye"):
            break
        if word == "run":
            steps += cards
        elif word in ("save", "probe"):
            saves += rest.split()
        elif word in ("option", "options", "set"):
            _set(word, rest, steps, options, left_out)
        elif word in _SHOWS:
            left_out.append(word)
        else:
            try:
                made = _step(word, line, rest, lookup)
            except InputError as problem:
                return Refusal(word, line, str(problem))
            steps += made
    commands, made_cards = _as_cards(steps)
    return Script(tuple(commands), tuple(saves), tuple(options), tuple(made_cards), tuple(left_out))


def _as_cards(steps: list[Step]) -> tuple[list[Step], list[str]]:
    """Return the steps without the measures that may as well be cards, and those.

    A card is worked out after every analysis of its kind, so there must be only one; and it
    does not see vectors that the script has made.
    """
    kinds = [step.analysis.kind for step in steps if step.analysis is not None]
    if any(step.kind in ("let", "command") for step in steps):
        return steps, []
    moved = [
        step
        for step in steps
        if step.kind == "measure" and kinds.count(step.text.split(" ")[1]) == 1
    ]
    return [step for step in steps if step not in moved], [step.text for step in moved]


def _harm(word: str, line: str) -> str | None:
    """Return what a line could do, or None."""
    if "`" in line:
        return "backticks run programs"
    if line[0] == "!":
        return _HARM["!"]
    if word in _HARM:
        return _HARM[word]
    if word.startswith("pre_"):
        return "it runs before the deck is read"
    if word != "let" and re.search(r"[<>]", line):
        return "< and > read and write files"
    known = {*KINDS, *_SHOWS, *_CHANGES, *_TAKEN}
    if word not in known:
        return "it is not known to be harmless"
    if "$" in line and word not in _SHOWS and word != "set":
        return "variables of the script are not followed"
    return None


def _step(word: str, line: str, rest: str, lookup: Lookup | None) -> list[Step]:
    if word in KINDS:
        analysis = from_card(line, lookup)
        return [Step("analysis", analysis.command(), analysis=analysis)]
    if word in ("meas", "measure"):
        return [measure_step(rest, lookup)]
    if word == "let":
        name, _, expression = (part.strip() for part in rest.partition("="))
        # With > and < the line would write and read files; the words mean the same.
        text = re.sub(r"<", " lt ", re.sub(r">", " gt ", re.sub(r">=", " ge ", expression)))
        text = text.replace(" lt =", " le ")
        if not _VECTOR.match(name):
            raise InputError("only vectors with plain names can be set")
        return [Step("let", f"let {name.lower()} = {passed(text)}", name.lower())]
    if word == "print":
        return [
            Step("print", passed(item), item.lower())
            for item in rest.split()
            if item.lower() not in ("all", "line", "col") and _PASSED.match(item)
        ]
    return [Step("command", passed(line))]


def _set(word: str, rest: str, steps: list[Step], options: list[str], left_out: list[str]) -> None:
    for item in re.sub(r"\s*=\s*", "=", rest).split():
        name, _, value = item.partition("=")
        if word != "set" or name.lower() in ("temp", "tnom"):
            options.append(item)
        elif name.lower() in _DISPLAY and value.isalpha():
            steps.append(Step("command", f"set {name.lower()}={value.lower()}"))
        else:
            left_out.append(f"set {name}")


def measure_step(text: str, lookup: Lookup | None = None) -> Step:
    """Return the step of a measure, given behind its ``.measure``.

    Braces and quotes, which ngspice works out in cards only, are replaced by their values.

    Raises:
        InputError: It holds signs that ngspice's command reader would act upon.

    Example:
        >>> measure_step("tran tr TRIG v(out) VAL=0.1 RISE=1 TARG v(out) VAL='0.9' RISE=1").name
        'tr'
    """
    words = text.split(None, 2)
    if len(words) < 3 or not _VECTOR.match(words[1]):
        raise InputError("write it as measure ANALYSIS NAME what to find")

    def number(found: re.Match[str]) -> str:
        plain = parse_number(found.group()[1:-1].strip())
        if plain is not None:
            return repr(plain)
        try:
            if lookup is not None:
                return repr(lookup(found.group()[1:-1]))
        except (ExpressionError, DynamicExpression):
            pass
        raise InputError(f"{found.group()} has no value")

    rest = re.sub(r"'[^']*'|\{[^{}]*\}", number, words[2])
    return Step("measure", passed(f"meas {words[0].lower()} {words[1]} {rest}"), words[1].lower())


def passed(text: str) -> str:
    """Return a text, in lower case, that ngspice's command reader takes word by word.

    Raises:
        InputError: It holds a sign the reader would act upon.
    """
    if not _PASSED.match(text) or "\n" in text:
        raise InputError("it holds signs that ngspice's command reader acts upon")
    return text.lower()
