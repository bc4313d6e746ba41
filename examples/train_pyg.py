"""Trains a small model of one's own on links-v1 with torch-geometric, and scores it."""

import sys

import torch
from torch import nn
from torch_geometric.data import Batch, Data
from torch_geometric.nn import GINEConv

from eda.datasets import Evaluator
from eda.datasets.pyg import benchmark_links

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 3000


def question(data, pin):
    """The circuit without one pin: devices first, then nets; which net is the right one."""
    devices, nets = data["device"].x, data["net"].x
    device, net = data["device", "pin", "net"].edge_index + torch.tensor([[0], [len(devices)]])
    kind = data["device", "pin", "net"].edge_attr
    kept = torch.arange(len(kind)) != pin
    edges = torch.stack((torch.cat((device[kept], net[kept])), torch.cat((net[kept], device[kept]))))
    x = torch.cat((devices, nets + 100 + 20 * data["net"].is_port))
    return Data(x=x, edge_index=edges, kind=kind[kept].repeat(2), is_net=torch.arange(len(x)) >= len(devices),
                asked=torch.arange(len(x)) == device[pin], pin=kind[pin : pin + 1], y=net[pin] - len(devices))  # fmt: skip


class Model(nn.Module):
    def __init__(self, width=64, rounds=5):
        super().__init__()
        self.node, self.edge, self.asked = nn.Embedding(140, width), nn.Embedding(64, width), nn.Embedding(64, width)
        mlps = (nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)) for _ in range(rounds))
        self.rounds = nn.ModuleList(GINEConv(mlp) for mlp in mlps)
        self.score = nn.Sequential(nn.Linear(3 * width, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, batch):
        h, edge = self.node(batch.x), self.edge(batch.kind)
        h = h + batch.asked[:, None] * self.asked(batch.pin)[batch.batch]  # marks the device that asks
        for convolution in self.rounds:
            h = h + convolution(nn.functional.layer_norm(h, h.shape[1:]), batch.edge_index, edge)
        own, nets = h[batch.asked][batch.batch[batch.is_net]], h[batch.is_net]
        scores = self.score(torch.cat((own, nets, own * nets), 1)).squeeze(1)
        return scores.split(torch.bincount(batch.batch[batch.is_net]).tolist())  # a row per question


torch.manual_seed(0)
train, model = benchmark_links("links-v1", "train"), Model()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=STEPS)
for step in range(STEPS):
    chosen = [train[at] for at in torch.randint(len(train), (16,)).tolist()]
    batch = Batch.from_data_list([question(data, int(torch.randint(data.num_edges, ()))) for data in chosen])
    loss = sum(nn.functional.cross_entropy(row, y) for row, y in zip(model(batch), batch.y)) / 16
    optimizer.zero_grad(), loss.backward(), optimizer.step(), schedule.step()

model.eval()
for part in ("test", "unseen"):
    answers = {}
    with torch.no_grad():
        for data in benchmark_links("links-v1", part):
            batch = Batch.from_data_list([question(data, int(pin)) for pin in data.queries])
            answers[data.name] = torch.stack(model(batch)).numpy()
    figures = Evaluator("links-v1").eval(answers, part=part)
    print(part, {name: round(figures[name], 3) for name in ("hits_at_1", "hits_at_3", "mrr", "pair")})
