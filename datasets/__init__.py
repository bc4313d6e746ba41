"""Corpora of circuits: readers, splits, PyG datasets, and where to get them."""

from eda.datasets.corpora import CORPORA, Corpus, data_folder, find_corpus, need_corpus
from eda.datasets.fetch import get_corpus
from eda.datasets.image2net import parse_image2net, read_image2net
from eda.datasets.links import LinkData, link_data, read_corpus, train_links, training_samples
from eda.datasets.motifs import build_motifs
from eda.datasets.own_circuits import OwnCircuits, read_own
from eda.datasets.own_links import train_own_links
from eda.datasets.records import CorpusCircuit, read_records
from eda.datasets.splits import split_circuits

__all__ = [
    "CORPORA",
    "Corpus",
    "CorpusCircuit",
    "LinkData",
    "OwnCircuits",
    "build_motifs",
    "data_folder",
    "find_corpus",
    "get_corpus",
    "link_data",
    "need_corpus",
    "parse_image2net",
    "read_corpus",
    "read_image2net",
    "read_own",
    "read_records",
    "split_circuits",
    "train_links",
    "train_own_links",
    "training_samples",
]
