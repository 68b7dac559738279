"""What an encoder was pretrained on: by its name, by a list that the config names, or not known."""

import pytest

from xstilts.core import StudyError
from xstilts.plan.encoder_languages import pretraining_list


def config(path, languages="auto", name="mine", source="hub"):
    encoder = {"source": source, "path": path, "name": name, "languages": languages}
    return {"encoder": encoder}


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("FacebookAI/xlm-roberta-large", "xlm-r"),
        ("facebook/xlm-v-base", "xlm-r"),
        ("intfloat/multilingual-e5-base", "xlm-r"),
        ("microsoft/mdeberta-v3-base", "xlm-r"),
        ("google-bert/bert-base-multilingual-cased", "mbert"),
        ("jhu-clsp/mmBERT-base", None),
        ("EuroBERT/EuroBERT-210m", None),
        ("cis-lmu/glot500-base", None),
    ],
)
def test_models_that_are_known_by_name(root, model, known):
    found = pretraining_list(config(model), root)
    assert (found and found.stem) == known


def test_the_demo_encoder_is_multilingual_e5(root):
    assert pretraining_list(config(None, source="demo"), root).stem == "xlm-r"


def test_a_list_of_ones_own(root, tmp_path):
    own = tmp_path / "mmbert.tsv"
    own.write_text("language\tGiB\nen\t\n")
    assert pretraining_list(config("a/b", str(own)), root) == own
    assert pretraining_list(config("a/b", "mbert"), root).is_file()
    assert pretraining_list(config("FacebookAI/xlm-roberta-base", None), root) is None


def test_a_list_that_is_not_there(root):
    with pytest.raises(StudyError, match=r"'encoder.languages': there is no list 'xlmr' .*'xlm-r'"):
        pretraining_list(config("a/b", "xlmr"), root)


def test_a_study_says_what_it_does_not_know(plan):
    study = plan(encoder__languages=None)
    assert study.pretraining is None
    assert any("not known which languages" in problem for problem in study.problems)
    known = plan()
    assert not any("not known which languages" in problem for problem in known.problems)


def test_no_run_is_renamed_by_it(plan):
    assert set(plan(encoder__languages="mbert").runs["target"]) == set(plan().runs["target"])
