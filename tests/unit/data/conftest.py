"""A tiny tokenizer with the template of XLM-R, and data sets written on the spot."""

import pytest
from tokenizers import Tokenizer

from helpers.tiny_tokenizer import tiny_tokenizer
from helpers.toy_data import Hub


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Nearly one token per letter, `<s> A </s></s> B </s>`; other scripts become `<unk>`."""
    return tiny_tokenizer()


@pytest.fixture(scope="session")
def tokenizer_file(tokenizer, tmp_path_factory):
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(file))
    return file


@pytest.fixture
def hub(tmp_path):
    """A folder in the Hub's layout; `hub.add("owner/name", "config", "split", columns)`."""
    return Hub(tmp_path / "hub")
