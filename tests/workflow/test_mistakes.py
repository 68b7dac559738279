"""Bad input on the command line: a failing exit, one sentence with the remedy, no traceback.

All mistakes of a config are in tests/unit/config; here are the ways by which a sentence travels.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file


def refused(ended) -> str:
    """All that the user sees."""
    seen = ended.stdout + ended.stderr
    assert ended.returncode != 0, seen
    assert "Traceback" not in seen
    return seen


def the_sentence(ended) -> str:
    """The line of our own that stands below Snakemake's announcement of an error."""
    lines = refused(ended).splitlines()
    (announced,) = (n for n, line in enumerate(lines) if line.startswith("WorkflowError"))
    return lines[announced + 1]


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
