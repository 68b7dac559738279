"""The tiny encoder and tiny prepared tasks of the tests of training, with a tokenizer."""

import sys
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))

import rows
from workshop import Workshop


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def workshop(tmp_path) -> Workshop:
    found = Workshop(tmp_path)
    vocabulary = {f"w{number}": number for number in range(rows.FIRST_WORD, rows.VOCABULARY)}
    special = ["<unk>", "<pad>", "<s>", "</s>"]
    tokenizer = Tokenizer(
        models.WordLevel({name: at for at, name in enumerate(special)} | vocabulary)
    )
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(found.encoder / "tokenizer.json"))
    return found
