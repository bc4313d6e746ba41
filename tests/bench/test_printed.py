"""The printed rows of eda bench filters: the same code on a mask or two."""

import numpy as np

from eda.agents.printed_methods import PrintedOutcome
from eda.agents.printed_specs import KINDS, printed_spec
from eda.bench import printed
from eda.filters.evaluator import Ledger


def test_every_way_stands_in_the_table() -> None:
    jobs = [item for item in printed.draw_printed((5,), 1, 0) if item[2].name == "band-stop"]
    methods = ("textbook", "textbook+snap", "linear programs")
    rows = [row for item in jobs for row in printed.printed_rows((*item, methods))]
    first, second, kinds = printed.tables_of(rows, methods)
    assert [line[0] for line in first.rows] == list(methods)
    assert first.columns[1:3] == ("solved", "95 %")
    assert second.title == "Printed filters, hard masks"
    assert kinds.rows[0][0] == "band-stop"


def test_nothing_delivered_is_not_solved() -> None:
    spec = printed_spec(np.random.default_rng(1), KINDS[0])
    row = printed.judged("random", "hard", "x", 0, spec, PrintedOutcome(None, Ledger(), 0.0))
    assert not row.solved
    assert row.batch is None


def test_masks_are_other_than_their_kinds_and_the_same_every_time() -> None:
    for at, kind in enumerate(KINDS):
        one, two = (printed_spec(np.random.default_rng([2, at]), kind) for _ in range(2))
        assert one == two
        assert one.passbands[0].f_hi_hz != 1e9 * kind.passed[0][1]
