"""AIGER files: what is read, what is refused and how, and that nothing is lost on the way."""

import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.aig import aiger_bytes, parse_aiger, read_aiger, write_aiger
from eda.aig.aig import same
from eda.bench import aiger_oracle
from eda.bench.aiger_fuzz import DAMAGES, compare, fuzz, shuffled, sound_files
from eda.bench.random_logic import random_aig
from eda.errors import AigerError

AND = b"aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n"


def test_an_and_gate() -> None:
    aig = parse_aiger(AND)
    assert (aig.num_inputs, aig.fanins.tolist(), aig.outputs.tolist()) == (2, [[4, 2]], [6])


def test_literals_in_any_order_and_with_gaps() -> None:
    # inputs 20 and 6, ANDs against their order
    aig = parse_aiger(b"aag 12 2 0 1 2\n20\n6\n9\n8 12 21\n12 6 20\n")
    assert aig.fanins.tolist() == [[4, 2], [6, 3]]
    assert aig.outputs.tolist() == [9]


def test_everything_a_file_can_say() -> None:
    aig = parse_aiger(
        b"aag 5 1 2 1 2 1 1 2 1\n2\n4 10 1\n6 4 6\n11\n8\n9\n1\n2\n4\n6\n7\n10\n8 2 4\n10 8 6\n"
        b"i0 in put\nl1 \xc3\xa9tat\no0 out\nb0 never\nc0 always\nj1 often\nf0 fair\nc\nwhat\nelse"
    )
    assert aig.resets.tolist() == [1, 2]
    assert aig.next_states.tolist() == [10, 4]
    assert (aig.bad.tolist(), aig.constraints.tolist()) == ([8], [9])
    assert [item.tolist() for item in aig.justice] == [[4], [6, 7]]
    assert aig.fairness.tolist() == [10]
    assert aig.latch_names == ("", "état")
    assert aig.name_of("inputs", 0) == "in put"
    assert aig.name_of("latches", 0) == "l0"
    assert (aig.justice_names, aig.comment) == (("", "often"), "what\nelse")
    for ascii in (True, False):
        assert same(parse_aiger(aiger_bytes(aig, ascii=ascii)), aig)


@pytest.mark.parametrize("comment", [b"c", b"c foo", b"c\n", b"cn\x00\xff\x80", b"c\r\nx"])
def test_any_comment_is_taken(comment: bytes) -> None:
    assert parse_aiger(AND + comment).num_ands == 1


def test_repeated_names_and_line_ends_of_windows() -> None:
    aig = parse_aiger(AND.replace(b"\n", b"\r\n") + b"i0 x\r\ni1 x\r\n")
    assert aig.input_names == ("x", "x")
    binary = b"aig 3 2 0 1 1\r\n6\r\n\x02\x02"
    assert parse_aiger(binary).fanins.tolist() == [[4, 2]]


REFUSED = {
    b"": "f:1: the file ends before the header; it is cut off",
    b"aag 1 1 0 0 0": "f:1: the file ends in the header; it is cut off",
    b"abc 1 1 0 0 0\n2\n": "f:1: 'abc 1 1 0 0 0' is no AIGER header; it starts with 'aag' or 'aig'",
    b"aag 1 1 0 0\n": "f:1: the header has 4 numbers; it takes 5 to 9",
    b"aag 1 1 0 0 -1\n": "f:1: the header has '-1' where a number of 1 to 10 digits belongs",
    b"aag 1 1 0 0 1_0\n": "f:1: the header has '1_0' where a number of 1 to 10 digits belongs",
    b"aag 1 1 0 0 99999999999\n": "f:1: the header has '99999999999' where a number of 1 to 10 "
    "digits belongs",
    b"aag 1 1 0 0 1\n2\n2 0 0\n": "f:1: the header's M = 1 is less than I + L + A = 2; correct the "
    "counts",
    b"aig 3 1 0 0 1\n\x02\x00": "f:1: the header's M = 3 is not I + L + A = 2; correct the counts",
    b"aag 4000000000 4000000000 0 0 0\n": "f:1: the header promises at least 8000000000 bytes and "
    "0 follow; the file is cut off, or its header is wrong",
    b"aig 4000000000 4000000000 0 0 0\n": "f:1: the header promises 4000000000 inputs; at most "
    "4194304 are read",
    b"aag 1 1 0 1 0\n2\n4\n": "f:3: literal 4 is not defined by an input, a latch or an AND",
    b"aag 1 1 0 1 0\n3\n2\n": "f:2: input 3 must be an even literal from 2 on",
    b"aag 1 1 0 1 0\n0\n2\n": "f:2: input 0 must be an even literal from 2 on",
    b"aag 1 1 0 1 0\n4\n4\n": "f:2: input 4 is above 2 M = 2; correct M in the header",
    b"aag 2 2 0 0 0\n2\n2\n": "f:3: input 2 is defined already",
    b"aag 1 1 0 1 0\n2 2\n2\n": "f:2: input 0 has 2 words; it takes 1 numbers with one space "
    "between",
    b"aag 3 1 0 1 2\n2\n6\n4 6 2\n6 4 2\n": "f:5: AND 6 reads 4, which depends on 6: a cycle; "
    "logic must not feed itself other than through a latch",
    b"aag 2 1 0 0 1\n2\n4 2 9\n": "f:3: literal 9 is not defined by an input, a latch or an AND",
    b"aag 1 0 1 0 0\n2 0 3\n": "f:2: latch 0 has the reset 3; it must be 0, 1 or 2",
    b"aag 1 1 0 0 0\n2\nx0 a\n": "f:3: neither a symbol (such as 'i0 name') nor the comment mark "
    "'c'; more lines or ANDs than the header promises?",
    b"aag 1 1 0 0 0\n2\ni1 a\n": "f:3: there is no i1: the file has 1 inputs, counted from 0",
    b"aag 1 1 0 0 0\n2\ni0 a\ni0 b\n": "f:4: i0 is named a second time",
    b"aag 0 0 0 0 0 0 0 1\n900000\n": "f:2: the justice properties promise 900000 literals and 0 "
    "bytes follow",
    b"aig 2 1 0 0 1\n\x00\x02": "f: byte 14: AND 0 (literal 4) has the differences 0 and 2; its "
    "fanins would not lie between 0 and 3",
    b"aig 2 1 0 0 1\n\x02\x03": "f: byte 14: AND 0 (literal 4) has the differences 2 and 3; its "
    "fanins would not lie between 0 and 3",
    b"aig 2 1 0 0 1\n\x82\x80\x80\x80\x80\x00\x02": "f: byte 14: AND 0 has a number of 6 bytes; at "
    "most 5 are needed, so the file is damaged",
    b"aig 2 1 0 0 1\n\x02\x82": "f: byte 16: the file ends in AND 0 of 1; it is cut off, or A is "
    "wrong",
    b"aig 1 1 0 1 0\n4\n": "f:2: literal 4 is not defined; the highest is 3",
    b"aig 2 1 0 0 1\n\x02\x02\x02\x02": "f: byte 16: the file ends in a symbol; it is cut off",
}


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: repr(data[:30]))
def test_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(AigerError) as caught:
        parse_aiger(data, path="f")
    assert str(caught.value) == REFUSED[data]
    assert caught.value.path == "f"
    assert (caught.value.line > 0) != (caught.value.offset >= 0)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AigerError, match=r"none\.aig: cannot be read: No such file or directory$"):
        read_aiger(tmp_path / "none.aig")
    with pytest.raises(AigerError, match="cannot be written"):
        write_aiger(parse_aiger(AND), tmp_path / "no" / "x.aig")


@given(st.integers(0, 1 << 30), st.booleans(), st.integers(0, 3))
def test_read_write_read_is_the_same(seed: int, sections: bool, latches: int) -> None:
    aig = random_aig(random.Random(seed), sections=sections, latches=latches)
    for ascii in (True, False):
        data = aiger_bytes(aig, ascii=ascii)
        again = parse_aiger(data)
        assert same(again, aig)
        assert aiger_bytes(again, ascii=ascii) == data


@given(st.integers(0, 1 << 30), st.integers(0, 3))
def test_function_is_that_of_the_second_evaluator(seed: int, latches: int) -> None:
    rng = random.Random(seed)
    data = shuffled(aiger_bytes(random_aig(rng, latches=latches), ascii=True), rng)
    assert compare(parse_aiger(data), aiger_oracle.read(data), seed=seed) == ""


def test_damaged_files_neither_crash_nor_hang_nor_change_the_function() -> None:
    score = fuzz(500, seed=7)
    assert score.faults == []
    assert score.files == 500
    # Both answers occur often: the comparison is of something.
    assert score.equal > 80
    assert score.refused > 250
    assert len(DAMAGES) == 7


def test_the_oracle_sees_a_changed_function() -> None:
    seen = 0
    for data in sound_files(30, seed=3):
        aig = parse_aiger(data)
        if aig.num_outputs:
            other = replace(aig, outputs=aig.outputs ^ 1)
            assert "another value" in compare(other, aiger_oracle.read(data))
            seen += 1
    assert seen > 15


def test_every_circuit_of_the_corpora_is_read_and_written_back(data: Path) -> None:
    files = sorted((data / "aig" / "epfl").glob("*.aig"))
    if not files:
        pytest.skip("EDA_DATA has no EPFL circuits")
    ands = 0
    for path in files:
        aig = read_aiger(path)
        ands += aig.num_ands
        assert aiger_bytes(aig) == path.read_bytes()
    if len(files) == 20:
        assert ands == 462_884


def test_hyp_becomes_tensors(data: Path) -> None:
    path = data / "aig" / "epfl" / "hyp.aig"
    if not path.is_file():
        pytest.skip("EDA_DATA has no hyp.aig")
    import torch_geometric.data  # noqa: F401  # its import is not what is timed

    started = time.process_time()
    aig = read_aiger(path)
    graph = aig.to_pyg()
    spent = time.process_time() - started
    assert (aig.num_ands, aig.depth) == (214_335, 24_801)
    assert graph.edge_index.shape == (2, 2 * 214_335 + 128)
    assert int(graph.level.max()) == 24_801
    assert spent < 10  # 0.1 s where nothing else runs; ten is no matter of speed but of order
    assert np.asarray(graph.edge_attr).sum() == (aig.fanins & 1).sum() + (aig.outputs & 1).sum()
