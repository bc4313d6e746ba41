"""Tables of benches: as text and as plain values."""

from __future__ import annotations

import json

from eda.bench.table import Table, render, result_of, tables_of

TABLE = Table(
    "Speed", ("deck", "s", "note"), (("a", 1.5, None), ("long", 12.25, "slow")), ("one core",)
)


def test_text_puts_numbers_to_the_right() -> None:
    assert TABLE.to_text().splitlines() == [
        "Speed",
        "deck      s  note",
        "a       1.5",
        "long  12.25  slow",
        "  one core",
    ]


def test_a_result_survives_json() -> None:
    result = result_of("speed", [TABLE], full=False)
    read = json.loads(json.dumps(result))
    assert read["bench"] == "speed"
    assert tables_of(read) == [TABLE]
    assert render(read) == TABLE.to_text()
