"""Bad input on the command line: a failing exit, one sentence with the remedy, no traceback.

All mistakes of a config are in tests/unit/config; here are the ways by which a sentence travels.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

pytestmark = pytest.mark.odd_input


def refused(ended) -> str:
    """All that the user sees."""
    seen = ended.stdout + ended.stderr
    assert ended.returncode != 0, seen
    assert "Traceback" not in seen
    return seen


def the_sentence(ended) -> str:
    """All that is said, beside which profile Snakemake uses; nothing of its own around it."""
    lines = [line for line in refused(ended).splitlines() if line.strip()]
    (sentence,) = [line for line in lines if not line.startswith("Using")]
    assert sentence.startswith("xstilts: ")
    return sentence.removeprefix("xstilts: ")


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"langages": "all"}, "config: unknown key 'langages'; did you mean 'languages'?"),
        (
            {"intermediate_tasks": ["mnli", "hellaswga"]},
            "config, key 'intermediate_tasks': 'hellaswga' is no intermediate task; "
            "did you mean 'hellaswag'?",
        ),
        (
            {"tasks__pawsx__languages": ["sw"]},
            "config, key 'tasks.pawsx.languages': pawsx has no language 'sw'; "
            "choose one of: de, en, es, fr, ja, ko, zh.",
        ),
        (
            {"data_root": "/nowhere"},
            "config, key 'data_root': there is no folder '/nowhere'; give the folder that holds "
            "<owner>__<name>/<config>/<split>.parquet.",
        ),
    ],
)  # fmt: skip
def test_mistake_in_the_file(snakemake, study_file, edits, sentence):
    assert the_sentence(snakemake("-n", "--configfile", study_file(**edits))) == sentence


def test_mistake_on_the_command_line(snakemake, study_file):
    ended = snakemake("-n", "--configfile", study_file(), "--config", "sed=2")
    assert the_sentence(ended) == "config: unknown key 'sed'; did you mean 'seeds'?"


def test_truncated_parquet(snakemake, study_file, hub: Path):
    broken = hub / "nyu-mll__glue/qqp/train.parquet"
    broken.write_bytes(broken.read_bytes()[:-3])
    ended = snakemake("-n", "--configfile", study_file())
    sentence = f"{broken} is not a whole Parquet file; copy or download it again."
    assert the_sentence(ended) == sentence


def test_truncated_weights(snakemake, study_file, tmp_path: Path):
    encoder = tmp_path / "encoder"
    encoder.mkdir()
    (encoder / "config.json").write_text(json.dumps({"num_hidden_layers": 2}))
    (encoder / "tokenizer.json").write_text("{}")
    weights = encoder / "model.safetensors"
    save_file({"a": np.ones(100, np.float32)}, weights)
    file = study_file(encoder={"name": "mine", "source": "folder", "path": str(encoder)})
    assert snakemake("-n", "--quiet", "--configfile", file).returncode == 0
    weights.write_bytes(weights.read_bytes()[:-1])
    ended = snakemake("-n", "--configfile", file)
    sentence = f"{weights} is cut off or no safetensors file; copy or download it again."
    assert the_sentence(ended) == sentence


def test_result_that_no_rule_makes(snakemake, study_file):
    ended = snakemake("-n", "results/studies/tiny/reprot.html", "--configfile", study_file())
    assert "reprot.html" in refused(ended)


def test_a_key_that_stands_twice(snakemake, study_file):
    file = study_file()
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, "study: other", ""]))
    first = next(n for n, line in enumerate(lines, 1) if line.startswith("study:"))
    assert the_sentence(snakemake("-n", "--configfile", file)) == (
        f"{file}: the key 'study' stands in line {first} and in line {len(lines) + 1}, and only "
        "the last would count; leave one of them out."
    )


def test_a_word_that_yaml_reads_as_a_truth_value(snakemake, study_file):
    file = study_file()
    file.write_text(file.read_text() + "languages: [no, en]\n")
    assert the_sentence(snakemake("-n", "--configfile", file)) == (
        "config, key 'languages.0': YAML reads no, off, yes and on as truth values, and here is "
        "false; put it in quotes."
    )


def test_a_number_for_a_task(snakemake, study_file):
    file = study_file()
    file.write_text(file.read_text() + "tasks: {1: {}}\n")
    assert the_sentence(snakemake("-n", "--configfile", file)).startswith(
        "config: the key 1 in 'tasks' is no text"
    )


def test_a_receipt_that_is_a_folder(snakemake, study_file):
    file = study_file()
    plan = snakemake("-n", "--configfile", file)
    receipt = next(word.strip(",") for word in plan.stdout.split() if "receipt.json" in word)
    (snakemake.folder / receipt).mkdir(parents=True)
    ended = snakemake("-n", "--configfile", file)
    assert "Traceback" not in ended.stdout + ended.stderr
