"""The model in torch, for training only; `eda.links.forward` is the same in NumPy.

One pass over the typed graph. A message along a pin is ``relu(state * gate + shift)`` with gate
and shift looked up by kind of pin; nets that are rails or have many pins do not relay: what they
send is their first state, never what they heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from eda.links.vocabulary import NET_ROLES, NUM_DEVICE_TYPES, PIN_KINDS

if TYPE_CHECKING:
    from eda.links.features import Features
    from eda.links.weights import Shape


class LinkNetwork(nn.Module):
    """Scores candidate nets for open pins.

    Shapes: ``forward`` returns (pair_logits [pairs], none_logits [queries]).
    """

    def __init__(self, shape: Shape) -> None:
        """Make the layers; their names are the names in the weights file."""
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.shape = shape
        self.device_type = nn.Embedding(NUM_DEVICE_TYPES, width)
        self.net_role = nn.Embedding(len(NET_ROLES), width)
        self.net_counts = nn.Linear(len(PIN_KINDS) + 4, width)
        self.graph_counts = nn.Linear(4, width)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.query_norm = nn.LayerNorm(2 * width)
        self.net_norm = nn.LayerNorm(width)
        self.query_in = nn.Linear(2 * width, hidden)
        self.query_gate = nn.Linear(2 * width, width)
        self.net_in = nn.Linear(width, hidden, bias=False)
        self.product_in = nn.Linear(width, hidden, bias=False)
        if shape.twins:
            self.twin_norm = nn.LayerNorm(width)
            self.twin_asks = nn.Linear(2 * width, width)
            self.twin_key = nn.Linear(width, width)
            self.twin_like = nn.Linear(width, width)
            self.twin_in = nn.Linear(width, hidden, bias=False)
        self.query_kind = nn.Embedding(len(PIN_KINDS), hidden)
        self.shared_kind = nn.Embedding(len(PIN_KINDS), hidden)
        self.hidden = nn.Linear(hidden, hidden // 2)
        self.out = nn.Linear(hidden // 2, 1)
        self.none_hidden = nn.Linear(hidden, hidden // 2)
        self.none_out = nn.Linear(hidden // 2, 1)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, data: Features[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Score every pair and "none" of every query."""
        devices = self.device_type(data.device_type)
        nets = self.net_role(data.net_role) + self.net_counts(data.net_counts)
        first = nets
        context = self.graph_counts(data.graph_counts)
        for layer in self.layers:
            devices, nets = layer(devices, nets, first, context, data, self.dropout)
        nets_out = self.net_norm(nets)
        query = self.query_norm(
            torch.cat((devices[data.query_device], nets[data.query_net]), dim=1)
        )
        base = self.query_in(query) + self.query_kind(data.query_kind)
        gated = nets_out[data.pair_net] * self.query_gate(query)[data.pair_query]
        hidden = (
            base[data.pair_query] + self.net_in(nets_out)[data.pair_net] + self.product_in(gated)
        )
        if self.shape.twins:
            hidden = hidden + self._twins(devices, nets_out, query, data)
        hidden = hidden.index_add(0, data.shared_pair, self.shared_kind(data.shared_kind))
        hidden = self.dropout(torch.relu(hidden))
        pair = self.out(torch.relu(self.hidden(hidden))).squeeze(1)
        none = self.none_out(torch.relu(self.none_hidden(torch.relu(base)))).squeeze(1)
        return pair, none

    def _twins(
        self,
        devices: torch.Tensor,
        nets: torch.Tensor,
        query: torch.Tensor,
        data: Features[torch.Tensor],
    ) -> torch.Tensor:
        """Compare candidates with the nets that pins of the same kind are on elsewhere."""
        asks = self.twin_asks(query)[data.twin_query]
        key = self.twin_key(self.twin_norm(devices))[data.twin_device]
        weight = torch.exp(torch.clamp((asks * key).sum(1) / asks.shape[1] ** 0.5, max=20.0))
        total = torch.full((len(query),), 1e-6).index_add(0, data.twin_query, weight)
        like = torch.zeros(len(query), nets.shape[1]).index_add(
            0, data.twin_query, nets[data.twin_net] * weight[:, None]
        )
        like = self.twin_like(like / total[:, None])
        seen: torch.Tensor = self.twin_in(nets[data.pair_net] * like[data.pair_query])
        return seen


class _Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        kinds = len(PIN_KINDS)
        self.net_norm = nn.LayerNorm(width)
        self.device_norm = nn.LayerNorm(width)
        self.to_device_gate = nn.Embedding(kinds, width)
        self.to_device_shift = nn.Embedding(kinds, width)
        self.to_net_gate = nn.Embedding(kinds, width)
        self.to_net_shift = nn.Embedding(kinds, width)
        self.device_in = nn.Linear(3 * width, shape.inner)
        self.device_out = nn.Linear(shape.inner, width)
        self.net_in = nn.Linear(3 * width, shape.inner)
        self.net_out = nn.Linear(shape.inner, width)
        for table in (self.to_device_gate, self.to_net_gate):
            nn.init.normal_(table.weight, 1.0, 0.1)
        for table in (self.to_device_shift, self.to_net_shift):
            nn.init.normal_(table.weight, 0.0, 0.3)

    def forward(
        self,
        devices: torch.Tensor,
        nets: torch.Tensor,
        first: torch.Tensor,
        context: torch.Tensor,
        data: Features[torch.Tensor],
        dropout: nn.Dropout,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        sent = self.net_norm(torch.where(data.net_relays[:, None], nets, first))
        message = torch.relu(
            sent[data.edge_net] * self.to_device_gate(data.edge_kind)
            + self.to_device_shift(data.edge_kind)
        )
        heard = torch.zeros_like(devices).index_add(0, data.edge_device, message)
        world = context + _mean(devices, data.device_graph, data.graph_devices)
        own = self.device_norm(devices)
        inner = torch.relu(self.device_in(torch.cat((own, heard, world[data.device_graph]), dim=1)))
        devices = devices + dropout(self.device_out(inner))

        own_device = self.device_norm(devices)
        message = torch.relu(
            own_device[data.edge_device] * self.to_net_gate(data.edge_kind)
            + self.to_net_shift(data.edge_kind)
        )
        heard = torch.zeros_like(nets).index_add(0, data.edge_net, message)
        heard = heard * data.net_scale[:, None]
        inner = torch.relu(
            self.net_in(torch.cat((self.net_norm(nets), heard, world[data.net_graph]), dim=1))
        )
        return devices, nets + dropout(self.net_out(inner))


def _mean(values: torch.Tensor, group: torch.Tensor, sizes: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(len(sizes), values.shape[1], dtype=values.dtype).index_add(0, group, values)
    return total / sizes[:, None]
