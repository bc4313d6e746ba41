"""``eda info --structures``: the blocks of a circuit, what matches, what is symmetric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.cli.output import put, put_json, put_table, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.circuit import Circuit
    from eda.structures import Structures
    from eda.structures.structure import Member

SCHEMA = "eda.info.structures/1"
_MOST = 12


def put_structures(file: str, circuit: Circuit, *, subcircuit: str | None, json: bool) -> None:
    """Print the structures of the circuit, or of each subcircuit in a file of nothing else."""
    from eda.structures import find_structures

    with waiting("looking for structures"):
        names = [subcircuit] if subcircuit or circuit.devices else list(circuit.subcircuits)
        found = [(name, find_structures(circuit, subcircuit=name)) for name in names or [None]]
    if json:
        answers = [{"subcircuit": name, **item.to_dict()} for name, item in found]
        put_json(SCHEMA, {"file": file, "circuits": answers})
        return
    for at, (name, item) in enumerate(found):
        put(("\n" if at else "") + _title(file, name, item))
        _show(item)


def _title(file: str, name: str | None, found: Structures) -> str:
    where = f"{file}, subcircuit {name}" if name else file
    count = len(found.items)
    return f"{where}: {count} structure{'' if count == 1 else 's'}"


def _show(found: Structures) -> None:
    if found.items:
        put("")
        put_table(
            (
                (item.rule, item.polarity, _roles(item.devices), _roles(item.nets))
                for item in found.items
            ),
            headers=("structure", "type", "devices", "nets"),
        )
    lines: list[tuple[str, str]] = []
    for group in found.matched_sets:
        ratios = ""
        if group.ratios is not None and group.kind == "ratio":
            ratios = f"  ({':'.join(f'{ratio:g}' for ratio in group.ratios[:_MOST])})"
        lines.append((f"matched, {group.kind}", _listed(group.devices) + ratios))
    for axis in found.axes:
        pairs = _listed([f"{a}|{b}" for a, b in axis.device_pairs])
        nets = _listed([f"{a}|{b}" for a, b in axis.net_pairs])
        middle = f"; on it {_listed(axis.device_axis)}" if axis.device_axis else ""
        lines.append(("symmetric", f"{pairs}; nets {nets}{middle}"))
    for name, path in (("signal path", found.signal_path), ("bias path", found.bias_path)):
        if path.devices:
            lines.append((name, _listed(path.devices)))
    if lines:
        width = max(len(name) for name, _ in lines) + 2
        put("\n" + "\n".join(f"{name:<{width}}{text}" for name, text in lines))


def _roles(members: Iterable[Member]) -> str:
    """Return ``reference M3, output M4 M5``."""
    table: dict[str, list[str]] = {}
    for member in members:
        table.setdefault(member.role, []).append(member.name)
    return ", ".join(f"{role} {_listed(names, ' ')}" for role, names in table.items())


def _listed(names: Iterable[Any], mark: str = ", ") -> str:
    """Return names, the tail of a long list only counted."""
    known = [str(name) for name in names]
    more = f" and {len(known) - _MOST} more" if len(known) > _MOST else ""
    return mark.join(known[:_MOST]) + more
