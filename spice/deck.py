"""From a circuit to a `Job`: which analyses it asks for, what is measured, what is refused.

ngspice is sent our writer's text and never the stranger's, and of the dot cards only those
that are known to be harmless. Files that code models would read must lie in the deck's folder.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import ReferenceType, ref

from eda.circuit import Card, Circuit
from eda.circuit.environment import Environment
from eda.errors import InputError, NetlistError
from eda.spice.analyses import (
    KINDS,
    Analysis,
    Lookup,
    Noise,
    Op,
    from_card,
    is_plain_name,
    spelled_name,
)
from eda.spice.conditions import decides
from eda.spice.control import Refusal, Script, read_control
from eda.spice.job import Job, NotRun, Step
from eda.spice.prune import CHANCE, Pruner, is_worth_pruning
from eda.spice.screen import deck_folder, fault, file_values, harm
from eda.spice.simulation import Status
from eda.spice.traps import CODES
from eda.spice.writer import write_spice

_KEPT: Final = frozenset(
    (
        *(".ic", ".nodeset", ".temp", ".opt", ".option", ".options", ".save", ".probe", ".csparam"),
        *(".global", ".meas", ".measure"),
    )
)
_NOT_TOLD: Final = frozenset(
    (".print", ".plot", ".width", ".title", ".end", ".eom", *(f".{kind}" for kind in KINDS))
)
"""Cards that are left out without a word: analyses become steps, the others only show."""

_CARD: Final = re.compile(r"\.[a-z]+", re.IGNORECASE)
_MEASURE: Final = re.compile(r"\.meas(?:ure)?\s+(\w+)\s+(\w+)", re.IGNORECASE)
_OPTION: Final = re.compile(r"\w+(?:=[\w.+-]+)?$")


@dataclass(frozen=True, slots=True)
class _Text:
    """A deck as ngspice is sent it, and whether chance enters into it."""

    circuit: Circuit
    text: str
    chance: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What of a job depends on nothing but the circuit."""

    bare: Circuit
    pruner: Pruner | None
    measures: tuple[tuple[str, str], ...]
    saves: tuple[str, ...]
    conditions: bool
    folder: str
    notes: tuple[str, ...]
    texts: OrderedDict[int, _Text]

    def text(self, parameters: Mapping[str, float]) -> _Text:
        """Return the deck with what it needs when these parameters are set.

        Raises:
            NetlistError: The circuit cannot be written.
        """
        circuit = self.bare if self.pruner is None else self.pruner.prune(parameters)
        found = self.texts.get(id(circuit))
        if found is None:
            text = write_spice(circuit, control=False)
            found = _Text(circuit, text, CHANCE.search(text) is not None)
            self.texts[id(circuit)] = found
            while len(self.texts) > _RECENT:
                self.texts.popitem(last=False)
        return found


_RECENT: Final = 16
_recent: OrderedDict[tuple[int, bool], tuple[ReferenceType[Circuit], _Prepared | NotRun]] = (
    OrderedDict()
)


def analyses_of(circuit: Circuit) -> tuple[Analysis, ...]:
    r"""Return the analyses that a circuit's cards ask for, in file order.

    Raises:
        NetlistError: A card cannot be understood.

    Example:
        >>> from eda.spice import parse_netlist
        >>> circuit = parse_netlist("* rc\n.param f=1k\nR1 a 0 1\nV1 a 0 1\n.ac dec 10 1 {10*f}\n")
        >>> analyses_of(circuit)
        (Ac(start_hz=1.0, stop_hz=10000.0, points=10, spacing='dec'),)
    """
    steps = _card_steps(circuit, _lookup(circuit, {}))
    return tuple(step.analysis for step in steps if step.analysis is not None)


def make_job(
    circuit: Circuit,
    analyses: Sequence[Analysis] = (),
    *,
    trust_deck: bool = False,
    save: Sequence[str] = (),
    keep: Sequence[str] = (),
    parameters: Mapping[str, float] | None = None,
    seed: int = 1,
) -> Job | NotRun:
    """Return a circuit made ready for ngspice, or why it is not run.

    Args:
        circuit: The deck.
        analyses: What to run; empty for what the deck asks for.
        trust_deck: Whether a ``.control`` block is run as it stands.
        save: Further vectors to keep, as ``@m1[gm]``; all voltages and currents are kept too.
        keep: The only vectors to keep, beside those of ``save`` and of the deck's own ``.save``.
        parameters: Values for parameters of the top level.
        seed: Where chance enters, it starts from here.
    """
    prepared = _prepared(circuit, trust_deck)
    if isinstance(prepared, NotRun):
        return prepared
    values = {name.lower(): float(value) for name, value in (parameters or {}).items()}
    if values and (problem := _unsafe(circuit, values, prepared)) is not None:
        return problem
    lookup = _lookup(circuit, values)
    script = Script()
    trusted = trust_deck and bool(circuit.control) and not analyses
    try:
        cards = [] if trusted or analyses else _card_steps(circuit, lookup)
        if circuit.control and not analyses and not trusted:
            read = read_control(circuit.control, cards=cards, lookup=lookup)
            if isinstance(read, Refusal):
                return NotRun(Status.REFUSED, str(read))
            script = read
        wanted = _save_words([*script.saves, *save, *keep], everything=not keep)
        written = prepared.text(values)
    except (NetlistError, InputError) as error:
        return NotRun(Status.REFUSED, str(error))
    steps = _steps(analyses, script, cards, trusted)
    if lost := _no_such_net(circuit, steps):
        return NotRun(Status.MISSING_VECTOR, lost)
    extra = [f".save {' '.join(wanted)}"] if wanted else []
    extra += [f".options {item}" for item in script.options if _OPTION.match(item)]
    extra += [f".{card}" for card in script.cards]
    text = written.text if not trusted else write_spice(_bare(circuit), control=True)
    if extra:
        text = text.removesuffix(".end\n") + "\n".join([*extra, ".end", ""])
    return Job(
        text,
        tuple(steps),
        measures=(*prepared.measures, *_measures(f".{card}" for card in script.cards)),
        saves=(*prepared.saves, *_saved_names(wanted)),
        parameters=values,
        seed=seed if written.chance else None,
        folder=deck_folder(circuit) if trusted else prepared.folder,
        trusted=trusted,
        notes=prepared.notes,
    )


def _steps(
    analyses: Sequence[Analysis], script: Script, cards: list[Step], trusted: bool
) -> list[Step]:
    if analyses:
        return [Step("analysis", item.command(), analysis=item) for item in analyses]
    steps = list(script.steps) if script.analyses else cards
    if not steps and not trusted:
        return [Step("analysis", "op", analysis=Op())]
    return steps


def _no_such_net(circuit: Circuit, steps: Sequence[Step]) -> str:
    """Return what is wrong with the net of a noise analysis: ngspice takes any, and gives zeros."""
    for step in steps:
        if isinstance(step.analysis, Noise):
            nets = {net.lower() for net in (*circuit.nets, *circuit.globals)}
            for net in (step.analysis.output, step.analysis.reference):
                if net and net != "0" and "." not in net and net.lower() not in nets:
                    return f"noise: there is no net {net!r} in the circuit"
    return ""


def _prepared(circuit: Circuit, trust_deck: bool) -> _Prepared | NotRun:
    """Return what depends on the circuit only; a sweep over its parameters writes it once."""
    key = (id(circuit), trust_deck)
    found = _recent.get(key)
    if found is not None and found[0]() is circuit:
        return found[1]
    made = _prepare(circuit, trust_deck)
    _recent[key] = (ref(circuit), made)
    while len(_recent) > _RECENT:
        _recent.popitem(last=False)
    return made


def _prepare(circuit: Circuit, trust_deck: bool) -> _Prepared | NotRun:
    problem = fault(circuit) or (None if trust_deck else harm(circuit))
    if problem is not None:
        return problem
    bare = _bare(circuit)
    try:
        text = write_spice(bare, control=False)
    except NetlistError as error:
        return NotRun(Status.REFUSED, str(error))
    if trouble := _smuggled(text):
        return NotRun(Status.REFUSED, f"refused: the line {trouble!r} would be run as a command")
    dropped = sorted({_word(card.text) for card in circuit.cards} - _KEPT - _NOT_TOLD)
    asked = [
        word
        for card in circuit.cards
        if _word(card.text) == ".save"
        for word in card.text.split()[1:]
    ]
    pruner = Pruner(bare) if is_worth_pruning(bare) else None
    texts: OrderedDict[int, _Text] = OrderedDict()
    if pruner is None:
        # It has been written to be looked at; nothing of it is left out.
        texts[id(bare)] = _Text(bare, text, CHANCE.search(text) is not None)
    return _Prepared(
        bare,
        pruner,
        tuple(_measures(card.text for card in circuit.cards)),
        tuple(_saved_names(asked)),
        any(decides(source.text) for source in circuit.files),
        deck_folder(circuit) if any(file_values(circuit)) else "",
        (
            *(f"{word} is not run" for word in dropped),
            *(f"{item.span}: {item.message}" for item in circuit.diagnostics if item.code in CODES),
        ),
        texts,
    )


def _bare(circuit: Circuit) -> Circuit:
    """Return the circuit without the cards that are not sent."""
    return replace(circuit, cards=tuple(card for card in circuit.cards if _is_kept(card)))


def _is_kept(card: Card) -> bool:
    return _word(card.text) in _KEPT


def _word(text: str) -> str:
    found = _CARD.match(text)
    return found.group().lower() if found else ""


def _smuggled(text: str) -> str:
    """Return a line that ngspice would take for a command, should one ever get this far."""
    for line in text.split("\n")[1:]:
        if line.startswith("*#") or line[:8].lower() == ".control":
            return line[:80]
    return ""


def _lookup(circuit: Circuit, parameters: Mapping[str, float]) -> Lookup:
    values = {**circuit.parameters, **parameters}
    return Environment(values, circuit.functions).evaluate


def _unsafe(
    circuit: Circuit, parameters: Mapping[str, float], prepared: _Prepared
) -> NotRun | None:
    """Return why parameters cannot be set after loading, where they cannot."""
    for name, value in parameters.items():
        if name not in circuit.parameters:
            known = ", ".join(sorted(circuit.parameters)) or "none"
            why = f"the deck has no parameter {name!r} at its top level; it has {known}"
            return NotRun(Status.REFUSED, why)
        if not math.isfinite(value):
            return NotRun(Status.REFUSED, f"the parameter {name} is {value}: give a finite number")
    if prepared.conditions:
        why = "the deck has .if, which was decided when it was read; write the parameters into it"
        return NotRun(Status.REFUSED, why)
    return None


def _card_steps(circuit: Circuit, lookup: Lookup) -> list[Step]:
    steps = []
    for card in circuit.cards:
        if _word(card.text)[1:] in KINDS:
            try:
                analysis = from_card(card.text, lookup)
            except InputError as problem:
                raise NetlistError(
                    f"{card.span}: {problem}",
                    path=card.span.path,
                    line=card.span.line,
                    card=card.text,
                ) from None
            steps.append(Step("analysis", analysis.command(), analysis=analysis))
    return steps


def _measures(cards: Sequence[str] | Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield analysis and name of every measure."""
    for text in cards:
        if (found := _MEASURE.match(text)) is not None:
            yield found[1].lower(), found[2].lower()


def _save_words(words: Sequence[str], *, everything: bool) -> list[str]:
    """Return what a ``.save`` card is to hold, spelled ngspice's way.

    Raises:
        InputError: One of them is no vector.
    """
    made = []
    for word in words:
        if not is_plain_name(re.sub(r"[(),]", "", word)):
            raise InputError(f"save: {word!r} is no vector; write v(net), i(source) or @m1[gm]")
        made.append(re.sub(r"^(@|[iI]\()([^\[()]+)", _device_spelled, word))
    return ["all", *made] if made and everything else made


def _device_spelled(found: re.Match[str]) -> str:
    return found[1] + spelled_name(found[2])


def _saved_names(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word.lower() not in ("all", "allv", "alli", "none"):
            yield word.lower()
