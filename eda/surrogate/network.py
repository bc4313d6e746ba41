"""The network: messages between devices and nets, then one metric after the other.

Every head sees the metrics of the stages before it, measured where they are known and predicted
where they are not; so one cheap simulation sharpens the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from eda.surrogate.graphs import DEVICE_WIDTH, METRICS, NET_WIDTH, ROLES, STAGES

if TYPE_CHECKING:
    from eda.surrogate.weights import Shape


class SurrogateNetwork(nn.Module):
    """See the module. Names of parameters are those that `eda.surrogate.forward` reads."""

    def __init__(self, shape: Shape) -> None:
        """Make the layers."""
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.width, self.rounds = width, shape.rounds
        self.device_in = nn.Linear(DEVICE_WIDTH, width)
        self.net_in = nn.Linear(NET_WIDTH, width)
        self.to_net = nn.ModuleList(
            nn.Linear(width, width * len(ROLES), bias=False) for _ in range(shape.rounds)
        )
        self.to_device = nn.ModuleList(
            nn.Linear(width, width * len(ROLES), bias=False) for _ in range(shape.rounds)
        )
        self.net_up = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(shape.rounds))
        self.device_up = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(shape.rounds))
        self.kind = nn.Embedding(len(METRICS), width)
        self.prefix = nn.Linear(width + 3, width)
        self.head_in = nn.Linear(4 * width + 2, hidden)
        self.head_out = nn.Linear(hidden, 3)
        self.alive_in = nn.Linear(2 * width, hidden)
        self.alive_out = nn.Linear(hidden, 1)
        for layer in (self.head_out, self.alive_out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        links: torch.Tensor,
        device: torch.Tensor,
        net: torch.Tensor,
        answer: torch.Tensor,
        there: torch.Tensor,
        kinds: torch.Tensor,
        stages: torch.Tensor,
        plus: torch.Tensor,
        minus: torch.Tensor,
        known: torch.Tensor,
        is_known: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return value, log spread and logit of existence [designs, metrics], logit of life.

        Args:
            links: [roles, nets, devices].
            device: [designs, devices, DEVICE_WIDTH].
            net: [designs, nets, NET_WIDTH].
            answer: First answers, [designs, metrics].
            there: Whether there is one, [designs, metrics].
            kinds: Kinds of the metrics.
            stages: Their stages.
            plus: The net each is read at.
            minus: The net each is read against.
            known: Metrics that are known, [designs, metrics].
            is_known: Which are, 0 or 1, [designs, metrics].
        """
        devices = torch.tanh(self.device_in(device))
        nets = torch.tanh(self.net_in(net))
        many, roles = len(device), len(ROLES)
        for at in range(self.rounds):
            sent = self.to_net[at](devices).view(many, -1, roles, self.width)
            got = torch.einsum("rnd,bdrw->bnw", links, sent)
            nets = nets + torch.relu(self.net_up[at](torch.cat([nets, torch.tanh(got)], -1)))
            sent = self.to_device[at](nets).view(many, -1, roles, self.width)
            got = torch.einsum("rnd,bnrw->bdw", links, sent)
            devices = devices + torch.relu(
                self.device_up[at](torch.cat([devices, torch.tanh(got)], -1))
            )
            nets, devices = _unit(nets), _unit(devices)
        whole = torch.cat([devices.mean(1), nets.mean(1)], -1)
        padded = torch.cat([nets, torch.zeros(many, 1, self.width)], 1)
        read = padded[:, plus] - padded[:, minus]
        kind = self.kind(kinds).expand(many, -1, -1)
        first = self._summed(kind, answer, there, torch.zeros_like(there))
        alive = self.alive_out(
            torch.relu(self.alive_in(torch.cat([whole[:, : self.width], first], -1)))
        )
        values: list[torch.Tensor] = []
        before = torch.zeros(many, self.width)
        order: list[torch.Tensor] = []
        for stage in range(len(STAGES)):
            which = torch.nonzero(stages == stage)[:, 0]
            if not len(which):
                continue
            count = len(which)
            head = torch.cat(
                [
                    read[:, which] + kind[:, which],
                    kind[:, which],
                    (whole[:, : self.width] + whole[:, self.width :])[:, None].expand(
                        -1, count, -1
                    ),
                    (before + first)[:, None].expand(-1, count, -1),
                    answer[:, which, None],
                    there[:, which, None],
                ],
                -1,
            )
            out = self.head_out(torch.relu(self.head_in(head)))
            made = answer[:, which] + out[..., 0]
            values.append(torch.stack([made, out[..., 1], out[..., 2]], -1))
            order.append(which)
            seen = torch.where(is_known[:, which] > 0, known[:, which], made.detach())
            before = before + self._summed(
                kind[:, which], seen, torch.ones_like(seen), is_known[:, which]
            )
        joined = torch.cat(values, 1)[:, torch.argsort(torch.cat(order))]
        return joined[..., 0], joined[..., 1], joined[..., 2], alive[:, 0]

    def _summed(
        self, kind: torch.Tensor, value: torch.Tensor, there: torch.Tensor, known: torch.Tensor
    ) -> torch.Tensor:
        """Return what a set of metrics says, [designs, width]."""
        parts = torch.cat([kind, value[..., None], there[..., None], known[..., None]], -1)
        return torch.tanh(self.prefix(parts)).mean(1)


def _unit(state: torch.Tensor) -> torch.Tensor:
    """Return states of about unit size, whatever was added to them."""
    return state / torch.sqrt((state**2).mean(-1, keepdim=True) + 1e-4)
