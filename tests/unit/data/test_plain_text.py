"""Multilingual text prepared: which lines, how many, from which kind of source."""

import itertools

import pytest
from tokenizers import AddedToken, Tokenizer

from xstilts.core import StudyError
from xstilts.core.files import file_sha256
from xstilts.data.plain_text import NO_DEV, prepare_text
from xstilts.data.store import open_split


@pytest.fixture
def masking_tokenizer(tokenizer, tmp_path):
    """The toy tokenizer with a token that masks."""
    made = Tokenizer.from_str(tokenizer.to_str())
    made.add_special_tokens([AddedToken("<mask>")])
    made.save(str(tmp_path / "masking.json"))
    return tmp_path / "masking.json"


def texts(tmp_path, **lines):
    """A folder of text files, and the recipe of it."""
    folder = tmp_path / "text"
    folder.mkdir(exist_ok=True)
    for language, own in lines.items():
        (folder / f"{language}.txt").write_text("\n".join(own) + "\n", encoding="utf-8")
    parts = [{"dataset": "plain/text", "config": one, "split": "txt", "language": one}
             for one in lines]  # fmt: skip
    files = {f"{one}.txt": file_sha256(folder / f"{one}.txt") for one in lines}
    return folder, {
        "task": "multilingual_text", "kind": "text", "source": {"name": "text", "files": files},
        "splits": {"train": parts, "dev": [], "test": []}, "limits": {"train": 1000, "dev": 0},
        "maximum_length": 32,
    }  # fmt: skip


def told(folder, split, tokenizer):
    """Texts of a split by language, as the tokens say."""
    found = {}
    for row in open_split(folder / f"{split}.arrow").table.to_pylist():
        text = tokenizer.decode(row["input_ids"][0][1:-1])
        found.setdefault(row["language"], []).append(text.replace("▁", " ").replace(" ", ""))
    return found


def test_every_line_is_an_example_and_blank_ones_are_none(masking_tokenizer, tokenizer, tmp_path):
    root, recipe = texts(tmp_path, de=["ein", "", "  ", "zwei"], sw=["moja"])
    receipt = prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)
    assert told(tmp_path / "out", "train", tokenizer) == {"de": ["ein", "zwei"], "sw": ["moja"]}
    assert receipt["lines"] == {"de": 2, "sw": 1}
    assert receipt["rows"]["train"] == {"de": 2, "sw": 1}
    made = Tokenizer.from_file(str(masking_tokenizer))
    assert receipt["mask"] == made.token_to_id("<mask>")
    assert receipt["special"] == sorted([made.token_to_id("<s>"), made.token_to_id("</s>")])
    for split in ("dev", "test"):
        assert open_split(tmp_path / "out" / f"{split}.arrow").table.num_rows == 0


def test_sequences_are_framed_and_cut(masking_tokenizer, tmp_path):
    root, recipe = texts(tmp_path, de=["a" * 100])
    prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)
    (sequence,) = open_split(tmp_path / "out" / "train.arrow").table["input_ids"].to_pylist()[0]
    made = Tokenizer.from_file(str(masking_tokenizer))
    assert len(sequence) == 32
    assert (sequence[0], sequence[-1]) == (made.token_to_id("<s>"), made.token_to_id("</s>"))


@pytest.mark.parametrize(("train", "dev"), [(10, 5), (90, 10), (7, 0), (1, 1), (1000, 20)])
def test_lines_are_taken_evenly_and_no_line_twice(
    masking_tokenizer, tokenizer, tmp_path, train, dev
):
    lines = [f"line{number}" for number in range(100)]
    root, recipe = texts(tmp_path, de=lines)
    recipe["limits"] = {"train": train, "dev": dev}
    receipt = prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)
    taken = told(tmp_path / "out", "train", tokenizer).get("de", [])
    judged = told(tmp_path / "out", "dev", tokenizer).get("de", [])
    assert not set(taken) & set(judged)
    assert len(taken) + len(judged) == min(100, train + dev)
    # Never more than a fifth for dev, however small the file.
    assert len(judged) == min(dev, min(100, train + dev) // 5)
    numbers = sorted(int(one[4:]) for one in taken + judged)
    gaps = [b - a for a, b in itertools.pairwise(numbers)]
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert receipt["lines"] == {"de": 100}


def test_the_same_recipe_gives_the_same_bytes(masking_tokenizer, tmp_path):
    root, recipe = texts(tmp_path, de=["eins", "zwei"], sw=["moja", "mbili"])
    for name in ("one", "two"):
        prepare_text(recipe, masking_tokenizer, tmp_path / name, root)
    files = [(tmp_path / name / "train.arrow").read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_text_of_a_data_set(hub, masking_tokenizer, tokenizer, tmp_path):
    hub.add("o/text", "v1.de", "train", {"body": ["ein satz", None, "", "noch einer"]})
    recipe = texts(tmp_path)[1]
    part = {"dataset": "o/text", "config": "v1.de", "split": "train", "language": "de"}
    recipe["source"] = {"name": "folder", "files": {}}
    recipe["splits"]["train"] = [part | {"column": "body"}]
    prepare_text(recipe, masking_tokenizer, tmp_path / "out", hub.root)
    assert told(tmp_path / "out", "train", tokenizer) == {"de": ["einsatz", "nocheiner"]}
    recipe["splits"]["train"] = [part | {"column": "bodi"}]
    with pytest.raises(StudyError, match=r"has no column 'bodi'.*'body'"):
        prepare_text(recipe, masking_tokenizer, tmp_path / "out", hub.root)


def test_text_of_the_grammar_says_the_same_in_every_language(masking_tokenizer, tmp_path):
    recipe = texts(tmp_path)[1]
    recipe["source"] = {"name": "demo", "seed": 1, "sizes": {"train": 12}}
    recipe["splits"]["train"] = [
        {"dataset": "demo/text", "config": code, "split": "train", "column": "text",
         "language": code} for code in ("en", "sw")
    ]  # fmt: skip
    recipe["limits"] = {"train": 10, "dev": 2}
    receipt = prepare_text(recipe, masking_tokenizer, tmp_path / "out", None)
    assert receipt["rows"] == {"train": {"en": 10, "sw": 10}, "dev": {"en": 2, "sw": 2}, "test": {}}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_text("other\n"), "no longer the file that the study was planned"),
        (lambda file: file.unlink(), "no longer the file that the study was planned"),
    ],
)
def test_changed_text_is_refused(masking_tokenizer, tmp_path, spoil, said):
    root, recipe = texts(tmp_path, de=["eins"])
    spoil(root / "de.txt")
    with pytest.raises(StudyError, match=said):
        prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)


def test_unusable_text_is_one_sentence(masking_tokenizer, tokenizer_file, tmp_path):
    root, recipe = texts(tmp_path, de=["", " "])
    with pytest.raises(StudyError, match="the text in 'de' has no line"):
        prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)
    root, recipe = texts(tmp_path, de=["eins"])
    with pytest.raises(StudyError, match=r"has no token <mask> or .MASK."):
        prepare_text(recipe, tokenizer_file, tmp_path / "out", root)
    (root / "de.txt").write_bytes("größe\n".encode("latin-1"))
    recipe["source"]["files"] = {"de.txt": file_sha256(root / "de.txt")}
    with pytest.raises(StudyError, match=r"de\.txt is not UTF-8"):
        prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)


@pytest.mark.parametrize(("lines", "told_of"), [(4, 1), (5, 0)])
def test_too_little_text_for_dev_is_told(masking_tokenizer, tmp_path, lines, told_of):
    root, recipe = texts(tmp_path, de=["eins"] * lines, sw=["moja"])
    recipe["limits"]["dev"] = 1
    receipt = prepare_text(recipe, masking_tokenizer, tmp_path / "out", root)
    assert receipt["problems"] == [NO_DEV] * told_of
    assert sum(receipt["rows"]["dev"].values()) == 1 - told_of
