"""Connected components over arrays, without a graph library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def components(
    count: int, first: NDArray[np.integer], second: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Return int64 [count]: for each node the smallest node it is connected to.

    Args:
        count: Number of nodes.
        first: One end of each edge.
        second: The other end of each edge.

    Example:
        >>> components(5, np.array([3, 1]), np.array([4, 3])).tolist()
        [0, 1, 2, 1, 1]
    """
    label = np.arange(count, dtype=np.int64)
    first, second = first.astype(np.int64), second.astype(np.int64)
    while len(first):
        a, b = label[first], label[second]
        apart = a != b
        if not apart.any():
            break
        first, second, a, b = first[apart], second[apart], a[apart], b[apart]
        # Hook the larger root of each edge to the smaller one, then flatten all chains.
        np.minimum.at(label, np.maximum(a, b), np.minimum(a, b))
        while True:
            above = label[label]
            if np.array_equal(above, label):
                break
            label = above
    return label
