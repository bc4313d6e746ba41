"""The model as a torch module: a decoder-only transformer that points at nets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from eda.topology.conditions import NUM_BINS
from eda.topology.features import NET_FEATURES, STEP_FEATURES
from eda.topology.parts import MAX_DEVICES
from eda.topology.shape import word_mask
from eda.topology.types import UNTYPED
from eda.topology.walk import NUM_SLOTS, NUM_WORDS, PIN_SLOT

if TYPE_CHECKING:
    from eda.topology.shape import Shape


class Batch(NamedTuple):
    """Circuits as padded tensors.

    Attributes:
        types: int64 [circuits]; `UNTYPED` where it is not told.
        conditions: float32 [circuits, bins].
        slots: int64 [circuits, steps].
        words: int64 [circuits, steps]: what was decided; nets count from ``NUM_WORDS``; -1 is
            padding.
        before: int64 [circuits, steps]: the word decided before, nets all as ``NUM_WORDS``; the
            first is ``NUM_WORDS + 1``.
        before_net: int64 [circuits, steps]: the net decided before, or -1.
        step: float32 [circuits, steps, features].
        net: float32 [circuits, steps, nets, features].
        last: int64 [circuits, steps, nets]; -1 where the net is not yet there.
    """

    types: torch.Tensor
    conditions: torch.Tensor
    slots: torch.Tensor
    words: torch.Tensor
    before: torch.Tensor
    before_net: torch.Tensor
    step: torch.Tensor
    net: torch.Tensor
    last: torch.Tensor


class Block(nn.Module):
    """Attention to earlier steps, then a small network; each added to what comes in."""

    def __init__(self, shape: Shape) -> None:
        """Make the layers."""
        super().__init__()
        self.heads = shape.heads
        self.norm1 = nn.LayerNorm(shape.width)
        self.mix = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm2 = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return float32 [circuits, steps, width]."""
        many, steps, width = x.shape
        q, k, v = self.mix(self.norm1(x)).split(width, dim=2)
        q, k, v = (
            item.view(many, steps, self.heads, width // self.heads).transpose(1, 2)
            for item in (q, k, v)
        )
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(many, steps, width)))
        inner = functional.gelu(self.up(self.norm2(x)), approximate="tanh")
        made: torch.Tensor = x + self.drop(self.down(inner))
        return made


class TopologyNetwork(nn.Module):
    """Scores of every decision."""

    tags: torch.Tensor
    mask: torch.Tensor

    def __init__(self, shape: Shape) -> None:
        """Make the layers, with random weights."""
        super().__init__()
        self.shape = shape
        width = shape.width
        self.circuit_type = nn.Embedding(UNTYPED + 1, width)
        self.condition = nn.Linear(NUM_BINS, width, bias=False)
        self.slot = nn.Embedding(NUM_SLOTS, width)
        self.word = nn.Embedding(NUM_WORDS + 2, width)
        self.count = nn.Embedding(MAX_DEVICES + 16, width)
        self.step = nn.Linear(STEP_FEATURES, width)
        self.net = nn.Linear(NET_FEATURES, width)
        self.tag = nn.Linear(shape.tag, width, bias=False)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width)
        self.words = nn.Linear(width, NUM_WORDS)
        self.query = nn.Linear(width, shape.key)
        self.key = nn.Linear(width, shape.key)
        self.look = nn.Linear(NET_FEATURES, shape.key)
        self.look_on = nn.Linear(shape.key, shape.key)
        self.register_buffer("tags", torch.from_numpy(shape.tags()), persistent=False)
        self.register_buffer("mask", torch.from_numpy(word_mask()), persistent=False)
        for name, item in self.named_parameters():
            if item.dim() == 2:
                nn.init.normal_(item, std=0.02 if "condition" not in name else 0.0)
        for layer in (self.look, self.look_on, self.query, self.key):
            nn.init.normal_(layer.weight, std=1 / math.sqrt(layer.in_features))

    def forward(self, batch: Batch) -> torch.Tensor:
        """Return float32 [circuits, steps, words + nets]: scores, -inf where it makes no sense."""
        net = batch.net
        many, steps, nets, _ = net.shape
        had = batch.before_net.clamp(min=0)
        picked = net.gather(2, had[:, :, None, None].expand(-1, -1, 1, net.shape[3]))[:, :, 0]
        there = (batch.before_net >= 0).unsqueeze(2).float()
        count = batch.step[:, :, -3].expm1().round().long().clamp(max=MAX_DEVICES + 15)
        x = self.slot(batch.slots) + self.word(batch.before) + self.count(count)
        x = x + self.step(batch.step) + (self.net(picked) + self.tag(self.tags[had])) * there
        x = x + (self.circuit_type(batch.types) + self.condition(batch.conditions)).unsqueeze(1)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        words = self.words(x).masked_fill(~self.mask[batch.slots], -torch.inf)
        able = (batch.last >= 0) & (batch.slots >= PIN_SLOT).unsqueeze(2)
        # Only nets that can be chosen are looked at: a third of what padding would have.
        one, at, other = able.nonzero(as_tuple=True)
        keys = self.key(x)[one, batch.last[one, at, other] + 1]
        hidden = functional.gelu(self.look(net[one, at, other]), approximate="tanh")
        keys = keys + self.look_on(hidden)
        found = (self.query(x)[one, at] * keys).sum(dim=1) / math.sqrt(self.shape.key)
        points = words.new_full((many, steps, nets), -torch.inf)
        points = points.index_put((one, at, other), found.to(words.dtype))
        return torch.cat([words, points], dim=2)
