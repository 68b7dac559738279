"""Fixtures of the tests that train on the tiny encoder, for the conftest.py of their rooms."""

import pytest
import torch

from helpers.workshop import Workshop


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def workshop(tmp_path) -> Workshop:
    return Workshop(tmp_path)
