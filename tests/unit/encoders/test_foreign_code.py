"""Code that comes with a model never runs, not even where somebody answers yes to everything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.tiny_encoders import save_tiny

pytestmark = pytest.mark.odd_input

CALLS = {
    "AutoConfig and AutoModel":
        "from xstilts.encoders.load import load_encoder; load_encoder(Path('m'))",
    "AutoTokenizer and AutoModelForSeq2SeqLM":
        "from xstilts.translation.translator import Translator; "
        "Translator(Path('m'), {'source_language': None, 'first_token': None}, 'cpu')",
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("known", [True, False])
def test_yes_to_everything_runs_no_code(tmp_path, root, call, known):
    folder = tmp_path / "m"
    save_tiny("modernbert", folder)
    settings = json.loads((folder / "config.json").read_text())
    kinds = ("AutoConfig", "AutoModel", "AutoModelForSeq2SeqLM")
    settings["auto_map"] = {kind: f"evil.{kind}" for kind in kinds}
    settings["model_type"] = "modernbert" if known else "evil"
    (folder / "config.json").write_text(json.dumps(settings))
    tokenizer = {"auto_map": {"AutoTokenizer": ["evil.Slow", "evil.Fast"]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    (folder / "evil.py").write_text("open('ran', 'w').close()\n")
    program = f"from pathlib import Path\n{CALLS[call]}"
    environment = {**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts"),
                   "HF_MODULES_CACHE": str(tmp_path / "modules")}  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", program], input="yes\n" * 1000, cwd=tmp_path, env=environment,
        capture_output=True, text=True,
    )  # fmt: skip
    assert not (tmp_path / "ran").exists(), ended.stderr
    assert "[y/N]" not in ended.stdout + ended.stderr
    if ended.returncode:
        assert "StudyError" in ended.stderr


def test_every_call_says_that_no_code_is_trusted(root):
    package = root / "workflow" / "scripts"
    calls = ("AutoConfig.from_", "AutoModel.from_", "AutoTokenizer.from_",
             "AutoModelForSeq2SeqLM.from_", "SentenceTransformer(")  # fmt: skip
    checked = 0
    for file in sorted(package.rglob("*.py")):
        text = Path(file).read_text(encoding="utf-8")
        for call in calls:
            for piece in text.split(call)[1:]:
                # Named in a sentence for the user, not called.
                if '"with ' in piece[:200] or "save_pretrained(folder)." in piece[:200]:
                    continue
                assert "trust_remote_code=False" in piece[:250], f"{file}: {call}"
                checked += 1
    assert checked >= 6
