"""Findings as SARIF: what the standard asks of a log, clause by clause."""

import json
from pathlib import Path
from typing import Any

from eda.rules import RULES, check_report
from eda.rules.sarif import to_sarif
from eda.spice import parse_netlist, read_netlist

DECK = "* t\n*%waive dangling_net R3\nV1 in 0 1\nR1 in 0\n+ 1k\nR2 in stub 1k\nR3 in tip 1k\n.end\n"


def log_of(path: Path) -> dict[str, Any]:
    path.write_text(DECK)
    log: dict[str, Any] = json.loads(json.dumps(to_sarif(check_report(read_netlist(path)))))
    return log


def test_the_log_has_what_the_standard_requires(tmp_path: Path) -> None:
    log = log_of(tmp_path / "a deck.sp")
    # 3.13: version and runs; 3.14: tool; 3.19: name; 3.49: rules have unique ids.
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "eda check"
    ids = [rule["id"] for rule in driver["rules"]]
    assert sorted(set(ids)) == ids
    assert set(RULES) <= set(ids)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"]
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} (")
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        # 3.27: message, level, ruleId that agrees with ruleIndex.
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            region = location["physicalLocation"]["region"]
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1


def test_a_result_is_told_in_full(tmp_path: Path) -> None:
    path = tmp_path / "a deck.sp"
    kept, waived = log_of(path)["runs"][0]["results"]
    assert kept == {
        "ruleId": "dangling_net",
        "ruleIndex": sorted(RULES).index("dangling_net"),
        "level": "warning",
        "message": {
            "text": "net stub is only on pin n of R2; "
            "connect the net to a second device, or remove the device"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path.as_uri()},
                    "region": {"startLine": 6, "startColumn": 1},
                },
                "logicalLocations": [
                    {"name": "stub", "fullyQualifiedName": "stub"},
                    {"name": "R2", "fullyQualifiedName": "R2"},
                ],
            }
        ],
    }
    assert "%20deck.sp" in path.as_uri()
    assert waived["suppressions"] == [{"kind": "inSource"}]


def test_text_without_a_file_has_no_physical_location() -> None:
    log = to_sarif(check_report(parse_netlist("* t\nV1 in ref 1\n")))
    assert all("physicalLocation" not in str(item) for item in log["runs"][0]["results"])


def test_a_relative_path_stays_relative(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "deck.sp").write_text(DECK)
    monkeypatch.chdir(tmp_path)
    log = to_sarif(check_report(read_netlist("deck.sp")))
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "deck.sp"}
