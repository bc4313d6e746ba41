"""Corpora of circuits: readers, splits, PyG datasets, and where to get them."""

from eda.datasets.benchmark import BENCHMARKS, BenchmarkCircuit, load_benchmark
from eda.datasets.corpora import CORPORA, Corpus, data_folder, find_corpus, need_corpus
from eda.datasets.evaluator import Evaluator, predict_with
from eda.datasets.fetch import get_corpus
from eda.datasets.generated import generated_records, generated_samples, mix
from eda.datasets.generator import GeneratedCircuit, generate_circuit, generate_circuits
from eda.datasets.image2net import parse_image2net, read_image2net
from eda.datasets.links import (
    LINK_CORPORA,
    NETLIST_CORPORA,
    TEST_CORPORA,
    LinkData,
    calibrate_links,
    link_data,
    read_corpus,
    train_links,
    training_samples,
)
from eda.datasets.logic_fanins import train_fanins
from eda.datasets.motifs import build_motifs
from eda.datasets.netlists import read_netlists
from eda.datasets.own_circuits import OwnCircuits, read_own
from eda.datasets.own_links import train_own_links
from eda.datasets.recipe_gains import train_recipes
from eda.datasets.records import CorpusCircuit, read_records
from eda.datasets.sizing_cases import generated_cases
from eda.datasets.splits import split_circuits
from eda.datasets.surrogate import train_surrogate, training_cases
from eda.datasets.topologies import TopologyData, TopologyRecord, topology_data
from eda.datasets.topology_training import train_topology

__all__ = [
    "BENCHMARKS",
    "CORPORA",
    "LINK_CORPORA",
    "NETLIST_CORPORA",
    "TEST_CORPORA",
    "BenchmarkCircuit",
    "Corpus",
    "CorpusCircuit",
    "Evaluator",
    "GeneratedCircuit",
    "LinkData",
    "OwnCircuits",
    "TopologyData",
    "TopologyRecord",
    "build_motifs",
    "calibrate_links",
    "data_folder",
    "find_corpus",
    "generate_circuit",
    "generate_circuits",
    "generated_cases",
    "generated_records",
    "generated_samples",
    "get_corpus",
    "link_data",
    "load_benchmark",
    "mix",
    "need_corpus",
    "parse_image2net",
    "predict_with",
    "read_corpus",
    "read_image2net",
    "read_netlists",
    "read_own",
    "read_records",
    "split_circuits",
    "topology_data",
    "train_fanins",
    "train_links",
    "train_own_links",
    "train_recipes",
    "train_surrogate",
    "train_topology",
    "training_cases",
    "training_samples",
]
