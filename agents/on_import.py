"""Making the environments known to gymnasium without loading it: when it is imported, then.

``import eda`` must stay cheap, and gymnasium loads numpy. So where gymnasium is there already the
ids are registered at once; else a finder waits for its import, registers them after it, and goes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


def register_when_imported() -> None:
    """Register the environments now, or as soon as gymnasium is imported."""
    if "gymnasium" in sys.modules:
        from eda.agents.ids import register

        register()
    elif not any(isinstance(finder, _Waiting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Waiting())


class _Waiting(MetaPathFinder):
    """Notices the import of gymnasium."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return gymnasium's own spec, with a loader that registers afterwards."""
        if name != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Then(spec.loader)
        return spec


class _Then(Loader):
    """Loads as another loader does, and registers the environments afterwards."""

    def __init__(self, inner: Loader) -> None:
        """Keep the loader."""
        self._inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the inner loader."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Load gymnasium, then register."""
        self._inner.exec_module(module)
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        from eda.agents.ids import register

        register()

    def __getattr__(self, name: str) -> object:
        """Answer as the inner loader does."""
        return getattr(self._inner, name)
