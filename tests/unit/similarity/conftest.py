"""The tiny encoder and tiny prepared tasks of the tests of training, with a tokenizer."""

import pytest
import torch
from tokenizers import Tokenizer, models

from helpers import rows
from helpers.workshop import Workshop


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
