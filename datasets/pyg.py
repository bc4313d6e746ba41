"""PyG datasets over the corpora; torch-geometric is imported when one is asked for.

PyG's own cache files are pickles. Ours hold tensors only: they are written as safetensors and
put together again on reading, so a cache from a stranger cannot run anything.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.links import LINK_CORPORA, link_data
from eda.datasets.splits import PARTS
from eda.errors import DatasetError
from eda.graph.circuit_graph import DEVICE_TYPES
from eda.links.vocabulary import NET_ROLES, PIN_KINDS

if TYPE_CHECKING:
    from torch_geometric.data import Data, HeteroData, InMemoryDataset

NODE_KINDS: Final = len(DEVICE_TYPES) + 2 * len(NET_ROLES)
"""Kinds of node in the graphs of `hide_pin`: types of device, roles of nets, the same for ports."""
NUM_PIN_KINDS: Final = len(PIN_KINDS)

_ARRAYS: Final = (
    *("device_type", "net_role", "net_is_port"),
    *("edge_device", "edge_net", "edge_kind"),
)


def circuit_links(root: str | Path, **options: Any) -> InMemoryDataset:
    """Return the circuits of the link predictor as a PyG ``InMemoryDataset``.

    Each circuit is one ``torch_geometric.data.HeteroData``:

    ============================  =========  ==================================================
    what                          type       meaning
    ============================  =========  ==================================================
    ``data["device"].x``          int64 [D]  index into ``eda.graph.DEVICE_TYPES``
    ``data["net"].x``             int64 [N]  index into ``eda.links.vocabulary.NET_ROLES``
    ``data["net"].is_port``       bool [N]   whether the net leads outside
    ``data["device", "pin",       int64      device and net of each pin; ``edge_attr`` is an
    "net"].edge_index``           [2, E]     index into ``eda.links.vocabulary.PIN_KINDS``
    ``data.name``                 str        ``corpus/id``
    ``data.part``                 str        ``train``, ``validation`` or ``test``
    ============================  =========  ==================================================

    STATS:

    =============  =========  ========  =====  =====  ==========  =============
    corpus         #circuits  #devices  #nets  #pins  #pin kinds  #device types
    =============  =========  ========  =====  =====  ==========  =============
    analoggenie    2,845      20.9      17.0   76.0   47          29
    align_ota      547        16.4      14.1   63.4   47          29
    image2net      306        8.8       8.6    23.1   47          29
    =============  =========  ========  =====  =====  ==========  =============

    (Sizes are means per circuit; corpora as of the commits in ``eda datasets list``.)

    Args:
        root: Folder of the cache; it is made where it is not there.
        **options: ``corpora`` (names, by default all), ``part`` (one of the three, by default
            all), ``transform``, ``pre_transform``, ``pre_filter``, ``force_reload``.

    Raises:
        DatasetError: A corpus is not on this machine, or the part is unknown.
    """
    made: InMemoryDataset = dataset_class()(str(root), **options)
    return made


def benchmark_links(name: str = "links-v1", part: str | None = None) -> list[HeteroData]:
    """Return the circuits of a benchmark as ``torch_geometric.data.HeteroData``.

    As `circuit_links` describes them, and ``data.queries``: int64 [queries], the hidden pins, as
    positions in ``edge_index``. Whoever answers a question first takes that pin out.

    Raises:
        DatasetError: There is no such benchmark or part.
    """
    import torch
    from torch_geometric.data import HeteroData

    from eda.datasets.benchmark import load_benchmark

    made = []
    for circuit in load_benchmark(name, part):
        item = {key: getattr(circuit.sample, key) for key in _ARRAYS}
        data = _to_data({**item, "name": circuit.name, "part": circuit.part}, HeteroData, torch)
        data.queries = torch.from_numpy(circuit.queries)
        made.append(data)
    return made


def hide_pin(data: HeteroData, pin: int | None = None) -> Data:
    """Return a circuit without one of its pins, as a question: a homogeneous graph of PyG.

    Nodes are the devices, then the nets. In a ``Batch`` of such graphs ``device_index`` counts on
    through its nodes by itself.

    Args:
        data: A circuit, as `benchmark_links` or `circuit_links` gives it.
        pin: Position of the pin to hide in its ``edge_index``; by default one at random.

    Returns:
        ``x``: int64 [nodes], below ``NODE_KINDS``; ``is_net``, ``is_answer``: bool [nodes];
        ``edge_index``: int64 [2, 2 (pins - 1)], both ways; ``edge_attr``: kinds of these pins,
        below ``NUM_PIN_KINDS``; ``pin``: int64 [1], the kind of the hidden pin; ``device_index``:
        int64 [1], the node it is a pin of.

    Example:
        >>> from eda.datasets.pyg import benchmark_links, hide_pin
        >>> circuit = benchmark_links("links-v1", "test")[0]
        >>> asked = hide_pin(circuit, circuit.queries[0])
        >>> circuit.num_edges - asked.num_edges // 2, int(asked.is_answer.sum())
        (1, 1)
    """
    import torch
    from torch_geometric.data import Data

    pins = data["device", "pin", "net"]
    count, total = len(data["device"].x), len(data["device"].x) + len(data["net"].x)
    nodes = pins.edge_index + torch.tensor([[0], [count]])
    hidden = int(torch.randint(nodes.shape[1], ())) if pin is None else int(pin)
    kept = torch.arange(nodes.shape[1]) != hidden
    nets = data["net"].x + len(DEVICE_TYPES) + len(NET_ROLES) * data["net"].is_port
    return Data(
        x=torch.cat((data["device"].x, nets)),
        is_net=torch.arange(total) >= count,
        is_answer=torch.arange(total) == nodes[1, hidden],
        edge_index=torch.cat((nodes[:, kept], nodes[:, kept].flip(0)), 1),
        edge_attr=pins.edge_attr[kept].repeat(2),
        pin=pins.edge_attr[hidden].reshape(1),
        device_index=nodes[0, hidden].reshape(1),
    )


@lru_cache(maxsize=1)
def dataset_class() -> type[InMemoryDataset]:
    """Return the class behind `circuit_links`."""
    import torch
    from torch_geometric.data import HeteroData, InMemoryDataset

    class CircuitLinks(InMemoryDataset):  # type: ignore[misc, unused-ignore]
        """See `eda.datasets.pyg.circuit_links`."""

        def __init__(
            self,
            root: str,
            transform: Any = None,
            pre_transform: Any = None,
            pre_filter: Any = None,
            force_reload: bool = False,
            *,
            corpora: tuple[str, ...] = LINK_CORPORA,
            part: str | None = None,
        ) -> None:
            if part is not None and part not in PARTS:
                raise DatasetError(f"there is no part {part!r}; there are: {', '.join(PARTS)}")
            self.corpora = tuple(corpora)
            self.part = part
            super().__init__(
                root, transform, pre_transform, pre_filter, log=False, force_reload=force_reload
            )
            circuits = [
                _to_data(item, HeteroData, torch) for item in _read(self.processed_paths[0])
            ]
            if part is not None:
                circuits = [item for item in circuits if item.part == part]
            if pre_filter is not None:
                circuits = [item for item in circuits if pre_filter(item)]
            if pre_transform is not None:
                circuits = [pre_transform(item) for item in circuits]
            if not circuits:
                raise DatasetError(f"{root}: no circuit is left of {', '.join(self.corpora)}")
            self.data, self.slices = self.collate(circuits)

        def _process(self) -> None:
            # PyG's own form keeps pickles of its arguments beside the data, and loads them.
            path = Path(self.processed_paths[0])
            if self.force_reload or not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                self.process()

        @property
        def processed_file_names(self) -> list[str]:
            return [f"links-{'-'.join(self.corpora)}.safetensors"]

        def process(self) -> None:
            _write(self.processed_paths[0], self.corpora)

    return CircuitLinks


def _write(path: str, corpora: tuple[str, ...]) -> None:
    """Write all samples end to end, with their sizes, names and parts."""
    import numpy as np
    from safetensors.numpy import save_file

    data = link_data(corpora)
    arrays = {
        name: np.concatenate([getattr(sample, name) for sample in data.samples]) for name in _ARRAYS
    }
    arrays["sizes"] = np.array(
        [(s.num_devices, s.num_nets, len(s.edge_net)) for s in data.samples], dtype=np.int64
    )
    text = {
        "names": json.dumps([item.name for item in data.circuits]),
        "parts": json.dumps(data.parts),
    }
    part = Path(f"{path}.part")
    save_file(arrays, part, metadata=text)
    part.replace(path)


def _read(path: str) -> list[dict[str, Any]]:
    import numpy as np
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            text = file.metadata()
            arrays = {name: file.get_tensor(name) for name in (*_ARRAYS, "sizes")}
            names, parts = json.loads(text["names"]), json.loads(text["parts"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path}: damaged ({error}); make it anew with force_reload=True"
        ) from error
    ends = np.cumsum(arrays["sizes"], axis=0)
    starts = ends - arrays["sizes"]
    column = {"device_type": 0, "net_role": 1, "net_is_port": 1}
    return [
        {
            "name": names[at],
            "part": parts[at],
            **{
                name: arrays[name][starts[at, column.get(name, 2)] : ends[at, column.get(name, 2)]]
                for name in _ARRAYS
            },
        }
        for at in range(len(names))
    ]


def _to_data(item: dict[str, Any], hetero_data: Any, torch: Any) -> Any:
    import numpy as np

    data = hetero_data()
    data["device"].x = torch.from_numpy(item["device_type"].astype(np.int64))
    data["net"].x = torch.from_numpy(item["net_role"].astype(np.int64))
    data["net"].is_port = torch.from_numpy(item["net_is_port"].copy())
    pins = data["device", "pin", "net"]
    pins.edge_index = torch.from_numpy(
        np.stack((item["edge_device"], item["edge_net"])).astype(np.int64)
    )
    pins.edge_attr = torch.from_numpy(item["edge_kind"].astype(np.int64))
    data.name, data.part = item["name"], item["part"]
    return data
