"""The shipped schema is what the table of kinds makes, and fits the shipped case."""

import json
import re

from eda.spice import Case
from eda.spice.case_kinds import KINDS
from eda.spice.case_schema import PATH, case_schema


def test_the_file_is_up_to_date() -> None:
    assert json.loads(PATH.read_text()) == case_schema()


def test_every_kind_is_described() -> None:
    kinds = case_schema()["$defs"]["measure"]["allOf"]
    assert [item["if"]["properties"]["kind"]["const"] for item in kinds] == list(KINDS)
    for item, kind in zip(kinds, KINDS.values(), strict=True):
        assert set(item["then"]["properties"]) == {
            *("kind", "analysis"),
            *kind.required,
            *kind.optional,
        }


def test_the_shipped_case_has_the_fields_of_the_schema(opamp: Case) -> None:
    schema = case_schema()
    given = json.loads((opamp.folder / "case.json").read_text())
    assert set(schema["required"]) <= set(given) <= set(schema["properties"])
    signal = re.compile(schema["$defs"]["signal"]["pattern"])
    for measure in given["measures"].values():
        if "output" in measure:
            assert signal.match(measure["output"])
    assert not signal.match("V(out)")
    assert not signal.match("v(a, b)")
