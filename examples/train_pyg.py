"""Trains a small model of one's own on links-v1 with torch-geometric, and scores it.

python examples/train_pyg.py [STEPS]
"""

import sys

import torch
from torch import nn
from torch_geometric.data import Batch, Data, HeteroData
from torch_geometric.nn import GINEConv

from eda.datasets import Evaluator
from eda.datasets.pyg import benchmark_links

WIDTH = 64


def question(data: HeteroData, pin: int) -> Data:
    """Return the circuit without one pin, devices before nets; y is the right net."""
    count, pins = len(data["device"].x), data["device", "pin", "net"]
    device, net = pins.edge_index + torch.tensor([[0], [count]])
    kept = torch.arange(len(device)) != pin
    ends = torch.stack((device[kept], net[kept]))
    x = torch.cat((data["device"].x, data["net"].x + 100 + 20 * data["net"].is_port))
    node = torch.arange(len(x))
    return Data(
        x=x,
        edge_index=torch.cat((ends, ends.flip(0)), 1),
        kind=pins.edge_attr[kept].repeat(2),
        is_net=node >= count,
        asks=node == device[pin],
        pin=pins.edge_attr[pin].reshape(1),
        y=net[pin].reshape(1) - count,
    )


class Model(nn.Module):
    """Five rounds of messages along the pins, then a score for each net."""

    def __init__(self) -> None:
        """Draw the first weights."""
        super().__init__()
        self.node, self.edge = nn.Embedding(140, WIDTH), nn.Embedding(64, WIDTH)
        self.mark = nn.Embedding(64, WIDTH)
        self.rounds = nn.ModuleList(
            GINEConv(nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)))
            for _ in range(5)
        )
        self.score = nn.Sequential(nn.Linear(3 * WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))

    def forward(self, batch: Batch) -> tuple[torch.Tensor, ...]:
        """Return for each question a score for every net of its circuit."""
        h, edge = self.node(batch.x), self.edge(batch.kind)
        h = h + batch.asks[:, None] * self.mark(batch.pin)[batch.batch]
        for convolution in self.rounds:
            h = h + convolution(nn.functional.layer_norm(h, (WIDTH,)), batch.edge_index, edge)
        owner = batch.batch[batch.is_net]
        own, nets = h[batch.asks][owner], h[batch.is_net]
        scores = self.score(torch.cat((own, nets, own * nets), 1)).squeeze(1)
        return scores.split(torch.bincount(owner).tolist())


def main(steps: int = 3000) -> None:
    """Train, answer, print the figures of both test parts."""
    torch.manual_seed(0)
    train, model = benchmark_links("links-v1", "train"), Model()
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=max(steps, 2))
    for _ in range(steps):
        drawn = [train[at] for at in torch.randint(len(train), (16,)).tolist()]
        asked = [question(data, int(torch.randint(data.num_edges, ()))) for data in drawn]
        rows = model(Batch.from_data_list(asked))
        losses = [nn.functional.cross_entropy(r, q.y[0]) for r, q in zip(rows, asked, strict=True)]
        optimizer.zero_grad()
        torch.stack(losses).mean().backward()
        optimizer.step()
        schedule.step()
    for part in ("test", "unseen"):
        answers = {}
        with torch.no_grad():
            for data in benchmark_links("links-v1", part):
                asked = [question(data, pin) for pin in data.queries.tolist()]
                answers[data.name] = torch.stack(model(Batch.from_data_list(asked))).numpy()
        figures = Evaluator("links-v1").eval(answers, part=part)
        shown = ("hits_at_1", "hits_at_3", "mrr", "pair")
        print(part, " ".join(f"{name} {figures[name]:.3f}" for name in shown), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
