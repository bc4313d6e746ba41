"""What ngspice's messages mean: a status for a failure, from what it wrote.

Its return codes say 0 whatever happened, so a failure is known by the plot that is not there;
these rules only say of what kind it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from eda.spice.simulation import Status

_RULES: Final[tuple[tuple[Status, re.Pattern[str]], ...]] = tuple(
    (status, re.compile(pattern, re.IGNORECASE))
    for status, pattern in (
        (
            Status.OUT_OF_MEMORY,
            r"can't allocate|cannot allocate|out of memory|memory exhausted|malloc.*fail"
            r"|insufficient memory|not enough memory",
        ),
        (
            Status.MISSING_MODEL,
            r"unknown subckt|can't find model|could not find a valid modelname"
            r"|unable to find definition of model|no such (?:file|model)|could not find include"
            r"|no model available|could not find library|unknown model|mif-?error"
            r"|no model \S+ found|illegal value for level|undefined model|could not open",
        ),
        (
            Status.NO_CONVERGENCE,
            r"singular matrix|timestep too small|no convergence|failed to converge"
            r"|gmin stepping failed|source stepping failed|iteration limit"
            r"|convergence problems|trouble with|pivot|overflow|not finite",
        ),
        (
            Status.MISSING_VECTOR,
            r"no such vector|not in (?:the )?circuit|no data saved"
            r"|no such device|no such node|input not found"
            r"|no such parameter|not available or has zero length|has no ac value"
            r"|output node|no ports|no rf port",
        ),
    )
)
_LOUD: Final = re.compile(
    r"error|fatal|singular|too small|aborted|unknown|can't|cannot|could not|undefined|failed"
    r"|no such|unable|not found|missing|out of interval",
    re.IGNORECASE,
)
_IGNORED: Final = re.compile(
    r"^(?:stdout |stderr )?(?:Note: |Doing analysis|No\. of Data Rows|Circuit: |Reset re-loads|"
    r"Trying gmin|Supplies reduced|Checking parameters|Reference value| Reference value)"
)


def status_of(lines: Iterable[str]) -> Status:
    """Return the kind of a failure that left these lines.

    Where no rule knows them, the deck is at fault in some other way: ``refused``.

    Example:
        >>> status_of(["stderr Error: unknown subckt: x1 in 0 foo"]).value
        'missing_model'
    """
    text = "\n".join(lines)
    return next((status for status, rule in _RULES if rule.search(text)), Status.REFUSED)


def messages(lines: Iterable[str], *, most: int = 200) -> list[str]:
    """Return the lines worth showing to people: without channel, remarks and repetitions."""
    shown: dict[str, None] = {}
    for line in lines:
        if not _IGNORED.match(line):
            channel, _, text = line.partition(" ")
            if channel == "stderr" or _LOUD.search(text):
                shown.setdefault(text.rstrip(), None)
    kept = list(shown)
    if len(kept) > most:
        left = len(kept) - most
        kept = [*kept[: most // 2], f"... {left} lines left out ...", *kept[-most // 2 :]]
    return kept
