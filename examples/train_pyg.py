"""Trains a graph network of one's own on links-v1 and scores it: a minute of one core."""

import torch
from torch.nn import Embedding, Module, ModuleList
from torch_geometric.data import Batch
from torch_geometric.nn import MLP, GINEConv, LayerNorm
from torch_geometric.utils import softmax

from eda.datasets import Evaluator
from eda.datasets.pyg import NODE_KINDS, NUM_PIN_KINDS, benchmark_links, hide_pin


class Model(Module):  # Five rounds of messages along the pins, then a probability for each net.
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.node, self.norm = Embedding(NODE_KINDS, width), LayerNorm(width, mode="node")
        self.mark, self.edge = (Embedding(NUM_PIN_KINDS, width) for _ in range(2))
        self.rounds = ModuleList(GINEConv(MLP([width] * 3, norm=None)) for _ in range(5))
        self.score = MLP([3 * width, width, 1], norm=None)

    def forward(self, batch: Batch) -> torch.Tensor:
        h = self.node(batch.x).index_add(0, batch.device_index, self.mark(batch.pin))
        for send in self.rounds:
            h = h + send(self.norm(h), batch.edge_index, self.edge(batch.edge_attr))
        own, nets, owner = h[batch.device_index], h[batch.is_net], batch.batch[batch.is_net]
        return softmax(self.score(torch.cat((own[owner], nets, own[owner] * nets), 1)), owner)


train, model = benchmark_links("links-v1", "train"), Model()
optimizer = torch.optim.Adam(model.parameters(), 2e-3)
for _ in range(2000):
    asked = Batch.from_data_list([hide_pin(train[at]) for at in torch.randint(len(train), (16,))])
    model.zero_grad()
    (-model(asked)[asked.is_answer[asked.is_net]].log().mean()).backward()
    optimizer.step()
for part in ("test", "unseen"):
    circuits = benchmark_links("links-v1", part)
    asked = {c.name: Batch.from_data_list([hide_pin(c, p) for p in c.queries]) for c in circuits}
    answers = {name: model(b).view(b.num_graphs, -1).detach() for name, b in asked.items()}
    print(part, Evaluator("links-v1").eval(answers, part=part))
