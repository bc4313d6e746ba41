"""New circuits out of the model, or out of chance alone: every one that is begun is finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from eda.topology.conditions import NUM_BINS, POLARITIES, bin_vector
from eda.topology.features import State
from eda.topology.forward import Decoder
from eda.topology.grammar import Grammar
from eda.topology.parts import MAX_DEVICES
from eda.topology.types import type_named
from eda.topology.walk import NUM_WORDS, PIN_SLOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from eda.topology.circuit import Topology
    from eda.topology.weights import Weights

TOGETHER: Final = 32
"""Circuits that are decided side by side."""
TEMPERATURE: Final = 0.4
"""Below 1 the likely becomes likelier."""
GUIDANCE: Final = 1.0
"""How much is leaned towards what the type makes likelier."""


@dataclass(frozen=True, slots=True)
class Request:
    """A circuit that is wanted.

    Attributes:
        type: One of `eda.topology.TYPES`.
        key: Numbers that chance starts from; the same ones make the same circuit.
        values: Conditions that are told, by name.
        ports: Classes of its ports, where they are given.
        budget: Number of devices to end at; what is open then is settled with a few more.
    """

    type: str
    key: tuple[int, ...]
    values: Mapping[str, float] = field(default_factory=dict)
    ports: tuple[int, ...] | None = None
    budget: int = MAX_DEVICES


class Scorer(Protocol):
    """Whatever gives scores to decisions."""

    def scores(
        self, states: Sequence[State], before: Sequence[int], before_net: Sequence[int]
    ) -> list[NDArray[np.float32]]:
        """Return log scores of the next decision of each circuit."""
        ...

    def keep(self, which: Sequence[int]) -> None:
        """Go on with some of the circuits only."""
        ...


class NoIdea:
    """All that is allowed is equally likely: the grammar without a model."""

    def scores(
        self, states: Sequence[State], before: Sequence[int], before_net: Sequence[int]
    ) -> list[NDArray[np.float32]]:
        """Return zeros."""
        return [
            np.zeros(NUM_WORDS + len(state.walk.net_class), dtype=np.float32) for state in states
        ]

    def keep(self, which: Sequence[int]) -> None:
        """Go on."""


def sample(
    requests: Sequence[Request],
    weights: Weights | None,
    *,
    temperature: float = TEMPERATURE,
    guidance: float = GUIDANCE,
    progress: Callable[[int], object] | None = None,
) -> list[Topology]:
    """Return a circuit for each request, in their order; none is ever thrown away.

    Args:
        requests: What is wanted.
        weights: The model; None draws evenly from what the grammar allows.
        temperature: Below 1 the likely becomes likelier.
        guidance: How much is leaned towards what the type makes likelier.
        progress: Called with the number of circuits that are done.
    """
    made: list[Topology] = []
    # Products as small as these take ten times the processor time on two threads, which wait for
    # each other.
    with threadpool_limits(1, user_api="blas"):
        for start in range(0, len(requests), TOGETHER):
            some = requests[start : start + TOGETHER]
            made += _together(some, weights, temperature, guidance)
            if progress is not None:
                progress(len(made))
    return made


def _together(
    requests: Sequence[Request], weights: Weights | None, temperature: float, guidance: float
) -> list[Topology]:
    grammars = [
        Grammar(item.type, budget=item.budget, polarity=_polarity(item)) for item in requests
    ]
    states = [_state_of(grammar) for grammar in grammars]
    chances = [np.random.default_rng(item.key) for item in requests]
    given = [list(item.ports) if item.ports is not None else None for item in requests]
    scorer: Scorer = NoIdea()
    if weights is not None:
        types = [type_named(item.type).number for item in requests]
        bins = np.zeros((len(requests), NUM_BINS), dtype=np.float32)
        for at, item in enumerate(requests):
            bins[at] = bin_vector(item.values)
        scorer = Decoder(weights, types, bins, guidance=guidance)
    before = [-1] * len(requests)
    before_net = [-1] * len(requests)
    open_ = list(range(len(requests)))
    while open_:
        scores = scorer.scores(
            [states[at] for at in open_],
            [before[at] for at in open_],
            [before_net[at] for at in open_],
        )
        for at, score in zip(open_, scores, strict=True):
            ports = given[at]
            if ports is not None and grammars[at].walk.slot == 0:
                from eda.topology.walk import PORTS_DONE

                word = ports.pop(0) if ports else PORTS_DONE
            else:
                word = choose(score, grammars[at].allowed(), chances[at], temperature)
            before[at], before_net[at] = word, take(grammars[at], states[at], word)
        still = [place for place, at in enumerate(open_) if not grammars[at].done]
        if len(still) < len(open_):
            scorer.keep(still)
            open_ = [open_[place] for place in still]
    return [grammar.topology() for grammar in grammars]


def _polarity(wanted: Request) -> str:
    """Return the polarity of the input pair that is wanted; empty where any will do."""
    value = wanted.values.get("polarity", 2.0)
    return POLARITIES[int(value)] if value < 2 else ""


def _state_of(grammar: Grammar) -> State:
    state = State.begin(grammar.type.name)
    state.walk = grammar.walk
    return state


def take(grammar: Grammar, state: State, word: int) -> int:
    """Take a decision in a grammar and the numbers that go with it; return the net, or -1."""
    walk = grammar.walk
    slot, kind, place, devices = walk.slot, walk.kind, len(walk.pins), len(walk.devices)
    grammar.take(word)
    state.took(word, slot, kind=kind, place=place, devices=devices)
    if slot < PIN_SLOT:
        return -1
    return walk.pins[place] if walk.kind >= 0 else walk.devices[-1][1][place]


def choose(
    scores: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    rng: np.random.Generator,
    temperature: float,
) -> int:
    """Return one of the allowed decisions, drawn by its score."""
    able = np.flatnonzero(allowed)
    some = scores[able].astype(np.float64) / temperature
    top = some.max()
    if not np.isfinite(top):
        # The model has no opinion on what the rules leave.
        return int(rng.choice(able))
    share = np.exp(some - top)
    return int(able[np.searchsorted(np.cumsum(share), rng.random() * share.sum(), side="right")])
