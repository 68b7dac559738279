"""Keys that stand twice, words that YAML reads as truth values, names that cannot be paths."""

import shutil

import pytest
import yaml

from helpers.hub_folder import changed
from xstilts.config.sheets import read_sheets
from xstilts.config.study_config import read_config, sheets_of
from xstilts.config.validation import read_yaml
from xstilts.config.yaml_traps import check_files, check_keys
from xstilts.core.errors import StudyError
from xstilts.plan.task_kinds import check_kinds

pytestmark = pytest.mark.odd_input

TWICE = {
    "seeds: [1]\nstudy: a\nseeds: [2, 3]\n": ("seeds", 1, 3),
    "tasks:\n  xnli: {}\n  mnli: {}\n  xnli: {epochs: 2}\n": ("xnli", 2, 4),
    "a: {b: 1,\n  c: [{d: 1,\n   d: 2}]}\n": ("d", 2, 3),
    '{"a": 1,\n "b": 2,\n "a": 3}': ("a", 1, 3),
    "a: 1\r\n'a': 2\r\n": ("a", 1, 2),
    "no: 1\nb: 2\nno: 3\n": ("no", 1, 3),
}


@pytest.mark.parametrize("text", TWICE)
def test_a_key_twice_is_refused_with_both_lines(text):
    key, first, second = TWICE[text]
    sentence = f"f.yaml: the key '{key}' stands in line {first} and in line {second}, and only"
    with pytest.raises(StudyError) as caught:
        check_keys(text, "f.yaml")
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "", "- a\n- a\n", "a: {b: 1}\nc: {b: 1}\n", "A: 1\na: 2\n", "{", "a: [\n", "? [a]\n: 1\n",
        "a: &x {b: 1}\nc: {<<: *x, <<: *x, b: 2}\n", "a: &x [1, *x]\n",
    ],
)  # fmt: skip
def test_all_else_is_let_pass(text):
    check_keys(text, "f.yaml")


def test_files_are_looked_through_one_by_one(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_bytes("\ufeffa: 1\n".encode())
    bad.write_bytes("\ufeffa: 1\na: 2\n".encode())
    check_files([good, tmp_path / "nowhere.yaml"])
    with pytest.raises(StudyError, match=r"bad\.yaml: the key 'a' stands in line 1 and in line 2"):
        check_files([good, bad])
    with pytest.raises(StudyError, match="leave one of them out"):
        read_yaml(bad)


WORDS = [
    ("languages: [no, en]", "languages.0"),
    ("study: no", "study"),
    ("study: on", "study"),
    ("tasks: {xnli: {languages: [en, no]}}", "tasks.xnli.languages.1"),
    ("training: {head: off}", "training.head"),
    ("masked_language_model: {languages: [yes]}", "masked_language_model.languages.0"),
    ("retrieval: {pooling: on}", "retrieval.pooling"),
]


@pytest.mark.parametrize(("text", "key"), WORDS)
def test_a_word_that_yaml_reads_as_a_truth_value(base, root, text, key):
    with pytest.raises(StudyError, match=f"key '{key}': YAML reads no, off.*put it in quotes"):
        read_config({**base, **yaml.safe_load(text)}, root)


KEYS = [
    ("tasks: {1: {}}", "the key 1 in 'tasks'"),
    ("tasks: {no: {}}", "the key False in 'tasks'"),
    ("tasks: {xnli: {training: {2.5: 1}}}", r"the key 2\.5 in 'tasks\.xnli\.training'"),
    ("limits: {null: 3}", "the key None in 'limits'"),
    ("on: 3", "the key True is no text"),
    ("tasks: {2026-11-27: {}}", "the key datetime"),
]


@pytest.mark.parametrize(("text", "sentence"), KEYS)
def test_a_key_that_is_no_text(base, root, text, sentence):
    with pytest.raises(StudyError, match=f"{sentence}.*put it in quotes") as caught:
        read_config({**base, **yaml.safe_load(text)}, root)
    assert "\n" not in str(caught.value)


def test_quoted_words_and_real_truth_values_pass(base, root):
    read_config(changed(base, multitask__enabled=yaml.safe_load("no")), root)
    read_config(changed(base, languages=["no", "en"]), root)


NAMES = [
    ({"study": "t\n"}, "key 'study': 't.n' does not match"),
    ({"encoder__name": "small\n"}, r"key 'encoder\.name'.*does not match"),
    ({"study": "a" * 101}, "key 'study'.*has 101 characters"),
    ({"encoder__name": "b" * 300}, r"key 'encoder\.name'.*has 300 characters"),
    ({"hub_endpoint": "https://mirror.org\n"}, "key 'hub_endpoint'.*line end"),
    ({"masked_language_model__dataset": "o/n\n"}, r"masked_language_model\.dataset'.*line end"),
]


@pytest.mark.parametrize(("edits", "sentence"), NAMES)
def test_a_name_that_is_no_part_of_a_path(base, root, edits, sentence):
    with pytest.raises(StudyError, match=sentence) as caught:
        read_config(changed(base, **edits), root)
    assert "\n" not in str(caught.value)


def test_the_longest_name_passes(base, root):
    assert len(read_config(changed(base, study="a" * 100), root)["study"]) == 100


TEMPLATES = [
    ({"masked_language_model__config": "{"}, "a brace without its other"),
    ({"masked_language_model__config": "wiki.}"}, "a brace without its other"),
    ({"masked_language_model__config": "{langage}"}, "only {language} is filled in"),
    ({"masked_language_model__config": "{language.__class__}"}, "only {language} is filled in"),
    ({"masked_language_model__config": "{}"}, "only {language} is filled in"),
    ({"translated__model": {"path": "o/m-{"}}, "a brace without its other"),
    ({"translated__model": {"path": "o/m", "prefix": "<2{"}}, "a brace without its other"),
    ({"translated__model": {"path": "o/m", "first_token": "{lang}"}}, "only {code} is filled in"),
]


@pytest.mark.parametrize(("edits", "sentence"), TEMPLATES)
def test_a_lone_brace(base, root, edits, sentence):
    with pytest.raises(StudyError) as caught:
        read_config(changed(base, **edits), root)
    assert sentence in str(caught.value)


@pytest.fixture
def sheet(root, tmp_path):
    """`sheet(name, edit, of)`: all sheets read, with one more, which is that of `of` edited."""

    def read(name, edit, of="xnli"):
        read_sheets.cache_clear()
        folder = tmp_path / "tasks"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(root / "resources" / "tasks", folder)
        text = (folder / f"{of}.yaml").read_text().replace(f"name: {of}", f"name: {name}")
        (folder / f"{name}.yaml").write_text(edit(text))
        return read_sheets(folder)

    yield read
    read_sheets.cache_clear()


def as_it_is(text):
    return text


@pytest.mark.parametrize("name", ["none", "multitask", "multilingual_text"])
def test_a_sheet_with_the_name_of_a_row(sheet, name):
    with pytest.raises(StudyError, match=f"no task can be called '{name}'"):
        sheet(name, as_it_is)


def test_sheets_with_other_faults(sheet):
    assert "nones" in sheet("nones", as_it_is)
    with pytest.raises(StudyError, match="has 120 characters"):
        sheet("a" * 120, as_it_is)
    with pytest.raises(StudyError, match=r"stands in line .* and in line"):
        sheet("mine", lambda text: text + "\ntitle: Another\n")
    with pytest.raises(StudyError, match=r"key 'title': YAML reads.*put it in quotes"):
        sheet("mine", lambda text: text.replace("title: XNLI", "title: no"))


def test_a_tag_with_white_space(sheet):
    for tag in ("B PER", "B-PER ", "B\\tPER"):
        with pytest.raises(StudyError, match="holds white space, which stands between tags"):
            edited = sheet(
                "mine", lambda text, tag=tag: text.replace("B-PER", f'"{tag}"'), of="ner"
            )
            check_kinds(edited)


def test_the_sheets_that_ship_are_sound(root):
    assert len(sheets_of(root)) >= 18
