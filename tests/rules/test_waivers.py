"""Comments that waive findings, and the file that sets severities."""

from pathlib import Path

import pytest

from eda.circuit import Span
from eda.errors import InputError, SpecError
from eda.rules import check, check_report, find_config, read_severities
from eda.rules.waivers import Waiver, read_waivers
from eda.spice import parse_netlist, read_netlist

DECK = """* stubs
{}
V1 in 0 1
R1 in 0 1k
R2 in stub1 1k
R3 in stub2 1k
.end
"""


def found(comment: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[str]]:
    report = check_report(parse_netlist(DECK.format(comment)))
    kept = [item.objects for item in report.findings if item.rule == "dangling_net"]
    told = [str(item) for item in report.findings if item.rule == "waiver"]
    return kept, [item.objects for item in report.waived], told


ONE, TWO = ("stub1", "R2"), ("stub2", "R3")


@pytest.mark.parametrize(
    ("comment", "waived"),
    [
        ("*%waive dangling_net R2", [ONE]),
        ("* %WAIVE Dangling_Net STUB1 ; a probe", [ONE]),
        ("*%waive dangling_net r? -- both are probes", [ONE, TWO]),
        ("*%waive dangling_net", [ONE, TWO]),
        ("*%waive dangling_net stub1 stub2", [ONE, TWO]),
        ("; %waive dangling_net stub*", [ONE, TWO]),
        ("* the comment *%waive dangling_net", []),
    ],
)
def test_waivers(comment: str, waived: list[tuple[str, ...]]) -> None:
    kept, away, told = found(comment)
    assert (away, told) == (waived, [])
    assert kept == [item for item in (ONE, TWO) if item not in waived]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (
            "*%waive dangling_nets R2",
            "<text>:2:1: warning: no rule 'dangling_nets' to waive [waiver]",
        ),
        ("*%waive", "<text>:2:1: warning: the waiver names no rule [waiver]"),
        (
            "*%waive dangling_net R7",
            "<text>:2:1: info: nothing to waive: dangling_net finds nothing on r7 in this file "
            "[waiver]",
        ),
    ],
)
def test_waivers_that_miss_are_told_of(comment: str, expected: str) -> None:
    kept, away, told = found(comment)
    assert (kept, away) == ([ONE, TWO], [])
    assert [item.splitlines()[0] for item in told] == [expected]


def test_waivers_of_rules_that_did_not_run_are_left_alone() -> None:
    circuit = parse_netlist(DECK.format("*%waive always_on M1"))
    assert check(circuit, rules=["waiver", "dangling_net"])[-1].rule == "dangling_net"


def test_brackets_are_parts_of_names() -> None:
    waiver = Waiver("dangling_net", ("bit[3]",), Span("<text>", 2))
    text = DECK.format("").replace("stub1", "bit[3]")
    covered = [waiver.covers(item) for item in check(parse_netlist(text))]
    assert covered == [True, False]


def test_waivers_count_in_their_own_file_and_inside_instances(tmp_path: Path) -> None:
    cell = ".subckt cell a\nR1 a 0 1k\nR2 a stub 1k\n.ends\n"
    (tmp_path / "cell.inc").write_text(f"*%waive dangling_net R2\n{cell}")
    deck = tmp_path / "deck.sp"
    deck.write_text("* t\n.include cell.inc\nV1 a 0 1\nX1 a cell\nX2 a cell\nR9 a loose 1\n.end\n")
    report = check_report(read_netlist(deck), rules=["dangling_net"])
    assert [item.objects for item in report.findings] == [("loose", "R9")]
    (waived,) = report.waived
    assert waived.message.endswith("(and in 1 more instances)")
    deck.write_text(f"* t\n*%waive dangling_net R2\n{cell}V1 a 0 1\nX1 a cell\n.end\n")
    assert check(read_netlist(deck)) == ()
    assert len(read_waivers(read_netlist(deck))) == 1


def test_settings_of_the_file_nearest_to_the_deck(tmp_path: Path) -> None:
    deck = tmp_path / "block" / "deck.sp"
    deck.parent.mkdir()
    deck.write_text(DECK.format("*"))
    assert find_config(deck) is None
    config = tmp_path / "eda.toml"
    config.write_text('[other]\nx = 1\n[rules]\ndangling_net = "error"\nmissing_output = "info"\n')
    assert find_config(deck) == config
    severities = read_severities(config)
    assert severities == {"dangling_net": "error", "missing_output": "info"}
    told = [(item.rule, item.severity) for item in check(read_netlist(deck), severities=severities)]
    assert told == [*[("dangling_net", "error")] * 2, ("missing_output", "info")]
    config.write_text('[rules]\ndangling_net = "off"\n')
    assert check(read_netlist(deck), severities=read_severities(config)) == ()
    (deck.parent / "eda.toml").write_text("")
    assert read_severities(find_config(deck) or "") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[rules]\ndangling = "off"\n', "[rules]: no rule 'dangling'; did you mean dangling_net?"),
        (
            '[rules]\ndangling_net = "fatal"\n',
            "[rules] dangling_net = 'fatal'; write one of error, warning, info, off",
        ),
        ("[rules]\ndangling_net = 1\n", "[rules] dangling_net = 1; write one of error, "),
        ("rules = 1\n", "'rules' is no table; write [rules], and below it RULE = \"off\""),
        ("[rules\n", "is no TOML: "),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, text: str, message: str) -> None:
    config = tmp_path / "eda.toml"
    config.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_severities(config)
    assert str(caught.value).startswith(f"{config}: {message}")


def test_files_that_are_no_settings_are_refused(tmp_path: Path) -> None:
    config = tmp_path / "eda.toml"
    with pytest.raises(SpecError, match=r"cannot be read: No such file or directory$"):
        read_severities(config)
    config.write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match=r"is not UTF-8; write it anew as plain text$"):
        read_severities(config)
    config.write_text("#" * 1_000_001)
    with pytest.raises(SpecError, match=r"more than 1000000 bytes; that is no configuration$"):
        read_severities(config)


def test_severities_of_no_rule_are_refused() -> None:
    with pytest.raises(InputError, match=r"^no rule 'always'; did you mean always_on\?$"):
        check(parse_netlist(DECK.format("*")), severities={"always": "off"})
