"""Ranks the nets of a circuit for its open pins: `predict_links`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count, islice
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import GROUND
from eda.errors import LinkQueryError
from eda.graph.build import circuit_graph, needs_flattening
from eda.links.answers import Candidate, LinkPrediction
from eda.links.candidates import ALL_NETS, candidate_pairs
from eda.links.explain import with_findings
from eda.links.open_pins import PLACEHOLDER
from eda.links.passes import ask_in_portions
from eda.links.sample import Sample, make_sample, set_apart
from eda.links.scene import join_scenes, make_scene
from eda.links.score import score
from eda.links.weights import models_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.graph.circuit_graph import CircuitGraph
    from eda.links.weights import Weights

PINS_AT_ONCE: Final = 60_000
"""Pins of circuits side by side in one pass."""
PASSES_SMALL: Final = 150_000
"""Questions about connected pins get a pass of their own while all passes stay below this
many pins together; beyond, far-apart pins share one."""
JOINT_WORK: Final = 60_000
"""Open pins are settled one by one while pins times rounds stay below this."""


@dataclass(frozen=True)
class Question:
    """A circuit made ready for asking.

    Attributes:
        circuit: The flat circuit.
        sample: What the model sees of it.
        net_names: Names of the nets.
        unnamed: Nets of pins on ``?``; their names are ours, for when they are needed.
        device_names: Names of the devices.
        open_edges: Pins that are open in the circuit itself.
    """

    circuit: Circuit
    sample: Sample
    net_names: tuple[str, ...]
    unnamed: frozenset[int]
    device_names: tuple[str, ...]
    open_edges: NDArray[np.int64]

    def role(self, edge: int) -> str:
        """Return the role of a pin, as the netlist has it."""
        return self.circuit.devices[int(self.sample.edge_device[edge])].roles[self.place(edge)]

    def place(self, edge: int) -> int:
        """Return which pin of its device this one is, from 0."""
        device = self.sample.edge_device[edge]
        return int(edge - np.searchsorted(self.sample.edge_device, device))

    def device(self, edge: int) -> str:
        """Return the name of the device of a pin."""
        return self.device_names[int(self.sample.edge_device[edge])]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the model says of one open pin.

    Attributes:
        edge: The pin.
        nets: Candidate nets, best first; numbers beyond the nets of the circuit are private
            nets of the open pins in ``others``.
        probabilities: Of each candidate.
        none: Probability that it belongs on none of them.
        others: The open pins whose private nets were on offer, in order.
    """

    edge: int
    nets: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    none: float
    others: NDArray[np.int64]


def predict_links(
    circuit: Circuit,
    *,
    pins: Sequence[tuple[str, str]] | None = None,
    top: int | None = None,
    models: Sequence[Weights] | None = None,
    explain: bool = False,
) -> list[LinkPrediction]:
    """Rank all nets for every open pin of a circuit, or for the pins asked for.

    A pin is open when it is on the net ``?``, or alone on a net that is no port. All open pins
    are hidden together and settled jointly, the surest first. A pin that is asked for and is
    connected is hidden by itself, as if it alone were not known.

    Args:
        circuit: Flat or hierarchical; a hierarchical one is flattened.
        pins: (device, role) pairs to ask for; by default every open pin.
        top: Keep only this many candidates of each pin.
        models: Trained models whose mean is taken; by default the ones that are shipped.
        explain: Say of each pin how the probability divides and how far the models agree, and
            of the best candidates which training wire they resemble; some hundreds of pins take
            seconds.

    Returns:
        One prediction per pin, in the order asked for; its candidates are best first. A net
        ``None`` stands for none of the others: a net of its own.

    Raises:
        LinkQueryError: A device or pin that the circuit does not have.
    """
    question = prepare(circuit)
    asked = question.open_edges if pins is None else find_edges(question.circuit, pins)
    if not len(asked):
        return []
    used = list(models) if models else models_for(len(question.sample.edge_net))
    rankings: dict[int, Ranking] = {}
    joint: dict[int, tuple[str | None, tuple[int, ...]]] = {}
    if np.isin(asked, question.open_edges).any():
        from eda.links.joint import settle

        for ranking, net, joined in settle(question, used):
            rankings[ranking.edge] = ranking
            joint[ranking.edge] = (net, joined)
    connected = np.array(
        [edge for edge in dict.fromkeys(asked.tolist()) if edge not in rankings], dtype=np.int64
    )
    for ranking in rank_each(question, connected, used):
        rankings[ranking.edge] = ranking
    split = None
    if explain:
        from eda.links.split import explained

        split = explained(question, rankings, {edge: net for edge, (net, _) in joint.items()}, used)
    predictions = []
    for edge in asked.tolist():
        candidates = candidates_of(question, rankings[edge], top)
        net, joined = joint.get(edge, (candidates[0].net, ()))
        prediction = LinkPrediction(
            device=question.device(edge),
            pin=question.role(edge),
            candidates=candidates,
            joint=net,
            joined=tuple((question.device(other), question.role(other)) for other in joined),
        )
        predictions.append(prediction if split is None else split[edge].put_into(prediction))
    return with_findings(question.circuit, predictions)


def prepare(circuit: Circuit) -> Question:
    """Return the circuit made ready for asking."""
    if needs_flattening(circuit):
        circuit = circuit.flatten()
    graph = circuit_graph(circuit)
    sample = make_sample(graph, name=circuit.title)
    sample, net_names, unnamed = split_placeholder(sample, graph.net_names)
    return Question(
        circuit=circuit,
        sample=sample,
        net_names=net_names,
        unnamed=unnamed,
        device_names=graph.device_names,
        open_edges=_open_edges(circuit, graph),
    )


def _open_edges(circuit: Circuit, graph: CircuitGraph) -> NDArray[np.int64]:
    """Return the open pins; the same ones as `open_pins` names, found in the arrays."""
    degree = graph.net_degree
    lonely = (degree == 1) & ~graph.net_is_port
    closed = {name.lower() for name in (*circuit.globals, GROUND)}
    open_nets = lonely.copy()
    for net in np.flatnonzero(lonely).tolist():
        open_nets[net] = graph.net_names[net].lower() not in closed
    if PLACEHOLDER in graph.net_names:
        open_nets[graph.net_names.index(PLACEHOLDER)] = True
    return np.flatnonzero(open_nets[graph.edge_net])


def split_placeholder(
    sample: Sample, names: tuple[str, ...]
) -> tuple[Sample, tuple[str, ...], frozenset[int]]:
    """Give every pin on ``?`` a net of its own.

    Returns:
        The sample, the names of its nets (new ones for the new nets), and the new nets.
    """
    if PLACEHOLDER not in names:
        return sample, names, frozenset()
    old = names.index(PLACEHOLDER)
    pins = np.flatnonzero(sample.edge_net == old)
    taken = {name.lower() for name in names}
    fresh = (f"open{number}" for number in count(1))
    made = tuple(islice((name for name in fresh if name not in taken), len(pins)))
    is_port = sample.net_is_port.copy()
    is_port[old] = False
    sample = set_apart(replace(sample, net_is_port=is_port), pins)
    return sample, names + made, frozenset(range(len(names), len(names) + len(pins)))


def find_edges(circuit: Circuit, pins: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """Return the pins, counted through the devices of a flat circuit in order.

    Raises:
        LinkQueryError: A device or pin that the circuit does not have.
    """
    if not pins:
        return np.zeros(0, dtype=np.int64)
    sizes = [len(device.roles) for device in circuit.devices]
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    position: dict[str, int] = {}
    for at, device in enumerate(circuit.devices):
        position.setdefault(device.name.lower(), at)
    edges = []
    for name, role in pins:
        at_device = position.get(name.lower())
        if at_device is None:
            raise LinkQueryError(_no_device(name, position, circuit))
        device = circuit.devices[at_device]
        roles = [item.lower() for item in device.roles]
        if role.lower() not in roles:
            raise LinkQueryError(
                f"{device.name} has no pin {role!r}; its pins are {', '.join(device.roles)}"
            )
        edges.append(int(starts[at_device]) + roles.index(role.lower()))
    return np.array(edges, dtype=np.int64)


def rank_each(
    question: Question, edges: NDArray[np.int64], models: Sequence[Weights]
) -> list[Ranking]:
    """Rank the nets for each of these connected pins, hidden one at a time.

    In a large circuit, pins share passes: a small share of all pins is hidden together.
    """
    sample, already = question.sample, question.open_edges
    total = max(len(sample.edge_net), 1)
    rankings: list[Ranking] = []
    if len(edges) * total <= PASSES_SMALL:
        groups = [edges[at : at + 1] for at in range(len(edges))]
    else:
        passes = max(1, PASSES_SMALL // total)
        groups = [edges[at::passes] for at in range(min(passes, len(edges)))]
    pending: list[NDArray[np.int64]] = []
    for number, group in enumerate(groups, start=1):
        pending.append(np.concatenate((already, group)))
        if len(pending) * total >= PINS_AT_ONCE or number == len(groups):
            for found in rank_together(sample, pending, models):
                rankings += found[len(already) :]
            pending = []
    return rankings


def rank_together(
    sample: Sample, groups: Sequence[NDArray[np.int64]], models: Sequence[Weights]
) -> list[list[Ranking]]:
    """Rank the nets for groups of pins; each group is hidden together, in a pass of its own."""
    if len(groups) == 1 and len(groups[0]) and sample.num_nets > ALL_NETS:
        return [_rank_large(sample, groups[0], models)]
    scenes = [make_scene(sample, pins, pairs=candidate_pairs(sample, pins)) for pins in groups]
    scene = scenes[0] if len(scenes) == 1 else join_scenes(scenes)
    probability, none = score(models, scene)
    results: list[list[Ranking]] = []
    pair_start = query_start = 0
    for pins, one in zip(groups, scenes, strict=True):
        bounds = np.searchsorted(one.pair_query, np.arange(len(pins) + 1))
        found = []
        for at, edge in enumerate(pins.tolist()):
            low, high = int(bounds[at]), int(bounds[at + 1])
            value = probability[pair_start + low : pair_start + high]
            order = np.argsort(-value, kind="stable")
            found.append(
                Ranking(
                    edge=edge,
                    nets=one.pair_net[low:high][order].astype(np.int64),
                    probabilities=value[order],
                    none=float(none[query_start + at]),
                    others=pins,
                )
            )
        results.append(found)
        pair_start += len(one.pair_net)
        query_start += len(pins)
    return results


def _rank_large(
    sample: Sample, pins: NDArray[np.int64], models: Sequence[Weights]
) -> list[Ranking]:
    found = []
    for asked in ask_in_portions(sample, pins, np.arange(len(pins)), models):
        for at, position in enumerate(asked.positions.tolist()):
            one = slice(asked.start[at], asked.start[at + 1])
            value = asked.probability[one]
            order = np.argsort(-value, kind="stable")
            found.append(
                Ranking(
                    edge=int(pins[position]),
                    nets=asked.net[one][order],
                    probabilities=value[order],
                    none=float(asked.none[at]),
                    others=pins,
                )
            )
    return found


def candidates_of(question: Question, ranking: Ranking, top: int | None) -> tuple[Candidate, ...]:
    """Return a ranking by net names, "none" in its place.

    The private net of an open pin that is on ``?`` has no name; it counts as a new net.
    """
    num_nets = question.sample.num_nets
    none = ranking.none
    named: list[tuple[str | None, float]] = []
    for net, value in zip(ranking.nets.tolist(), ranking.probabilities.tolist(), strict=True):
        if net >= num_nets:
            net = int(question.sample.edge_net[ranking.others[net - num_nets]])
        if net in question.unnamed:
            none += value
        else:
            named.append((question.net_names[net], value))
    at = next((i for i, (_, value) in enumerate(named) if value < none), len(named))
    named.insert(at, (None, none))
    return tuple(Candidate(name, value) for name, value in named[:top])


def _no_device(name: str, known: dict[str, int], circuit: Circuit) -> str:
    from difflib import get_close_matches

    close = [circuit.devices[known[key]].name for key in get_close_matches(name.lower(), known)]
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    return f"no device {name!r} in the circuit{hint}"


def connected(sample: Sample, edge: int, net: int) -> Sample:
    """Return the sample with one pin on another net."""
    edge_net = sample.edge_net.copy()
    edge_net[edge] = net
    return replace(sample, edge_net=edge_net)
