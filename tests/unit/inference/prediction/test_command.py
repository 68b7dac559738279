"""`python -m xstilts.inference predict`: tables in, a table out, one sentence on each mistake."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from xstilts.inference.__main__ import main
from xstilts.inference.prediction.expected_gains import EXPECTED

TASKS = [f"i{n}" for n in range(4)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """gains.parquet, similarity.tsv of two measures, and new.tsv for a new target task."""
    folder = tmp_path_factory.mktemp("study")
    draw = np.random.default_rng(1)
    names = [TASKS, [f"t{n}" for n in range(5)], ["de", "es", "hi", "ru", "sw"]]
    gains = pd.MultiIndex.from_product(names, names=["intermediate", "target", "language"])
    gains = gains.to_frame(index=False)
    gains.assign(gain=draw.normal(size=len(gains))).to_parquet(folder / "gains.parquet")
    dyads = gains[["intermediate", "target"]].drop_duplicates()
    both = [dyads.assign(measure=name, similarity=draw.normal(size=20)) for name in ("one", "two")]
    pd.concat(both).to_csv(folder / "similarity.tsv", sep="\t", index=False)
    both[0].to_csv(folder / "one.csv", index=False)
    new = pd.DataFrame({"intermediate": TASKS[:3], "similarity": [0.3, 0.2, 0.1]})
    new.to_csv(folder / "new.tsv", sep="\t", index=False)
    new.iloc[[0, 0]].to_csv(folder / "twice.tsv", sep="\t", index=False)
    new.replace("i1", "i11").to_csv(folder / "unknown.tsv", sep="\t", index=False)
    new.astype(str).replace("0.2", "high").to_csv(folder / "words.tsv", sep="\t", index=False)
    new.rename(columns={"similarity": "score"}).to_csv(folder / "named.tsv", sep="\t", index=False)
    mine = "language\tin_pretraining\tpretraining_GiB\tl2v_syntax_shared_ang\n"
    mine += "xx\t1\t5\t0.4\nde\t1\t66\t0.36\n"
    (folder / "languages.tsv").write_text(mine)
    return folder


@pytest.fixture
def predict(folder, tmp_path, monkeypatch, capsys):
    """`predict(*words)`: exit status, the table written or None, and what stderr says."""
    monkeypatch.chdir(folder)

    def run(*words, gains="gains.parquet", similarity="one.csv"):
        output = tmp_path / "expected.tsv"
        output.unlink(missing_ok=True)
        tables = ["--gains", gains, "--similarity", similarity, "--output", str(output)]
        status = main(["predict", *tables, *words])
        table = pd.read_csv(output, sep="\t") if output.exists() else None
        return status, table, capsys.readouterr().err

    return run


def test_a_new_language(predict):
    status, table, said = predict("--language", "qu", "fr")
    assert status == 0 and list(table) == EXPECTED
    assert set(table["language"]) == {"qu", "fr"} and len(table) == 40
    assert "The encoder was not pretrained on qu" in said


def test_a_new_target(predict):
    status, table, said = predict("--target", "mine", "--similarities", "new.tsv")
    assert status == 0 and set(table["target"]) == {"mine"} and len(table) == 20
    assert "new.tsv has no similarity of i3: predicted as at the average." in said


def test_the_candidates_of_a_new_target(predict, tmp_path):
    output = tmp_path / "set.tsv"
    words = ("--target", "mine", "--similarities", "new.tsv", "--candidates", str(output))
    status, table, said = predict(*words, "--within", "0.5")
    (found,) = pd.read_csv(output, sep="\t", keep_default_na=False).to_dict("records")
    assert status == 0 and len(table) == 20
    names = found["candidates"].split(",")
    assert found["target"] == "mine" and found["size"] == len(names) and found["within"] == 0.5
    assert set(names) <= {*TASKS, "none"} and found["holds"] == ""
    # Five targets allow five in six.
    assert found["confidence"] == pytest.approx(5 / 6, abs=1e-5)
    assert f"One of {', '.join(names)} ({len(names)} of 4 intermediate tasks and none)" in said
    means = table.groupby("intermediate")["gain"].mean()
    ranked = pd.concat([means, pd.Series({"none": 0.0})]).sort_values(ascending=False)
    assert names == list(ranked.index[: len(names)])


def test_mistakes_about_candidates(predict):
    assert "name it with --target" in predict("--candidates", "set.tsv")[2]
    assert "--within are points from 0 up" in predict("--within", "-1")[2]


def test_a_new_target_in_a_language_of_ones_own(predict):
    status, table, said = predict(
        "--target", "mine", "--similarities", "new.tsv", "--language", "xx",
        "--languages-table", "languages.tsv",
    )  # fmt: skip
    assert status == 0 and set(table["language"]) == {"xx"} and len(table) == 4
    assert "The table of languages lacks es, hi, ru, sw" in said


def test_the_study_itself_by_one_of_several_measures(predict):
    status, table, _ = predict("--measure", "two", similarity="similarity.tsv")
    assert status == 0 and table["observed"].all() and len(table) == 100


def test_to_the_terminal(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    words = ["--gains", "gains.parquet", "--similarity", "one.csv", "--language", "fr"]
    assert main(["predict", *words]) == 0
    assert capsys.readouterr().out.startswith("\t".join(EXPECTED))


MISTAKES = {
    "several measures": ({"similarity": "similarity.tsv"}, [], "2 measures; name one of them: one"),
    "unknown measure": ({}, ["--measure", "on"], "no measure 'on'; did you mean 'one'?"),
    "no file": ({"gains": "gone.parquet"}, [], "cannot read gone.parquet"),
    "no column": ({"gains": "one.csv"}, [], "one.csv: the table has neither a column 'gain'"),
    "language": ({}, ["--language", "swa"], "there is no 'swa' in the table of languages; did"),
    "language that was run": ({}, ["--language", "sw"], "the study has run sw for every target"),
    "English": ({}, ["--language", "en"], "it is no zero-shot transfer (--without-languages)"),
    "target alone": ({}, ["--target", "mine"], "--target and --similarities go together"),
    "similarities alone": ({}, ["--similarities", "new.tsv"], "go together"),
    "target of the study": (
        {}, ["--target", "t1", "--similarities", "new.tsv"], "--target: 't1' is in the study",
    ),
    "unknown intermediate": (
        {}, ["--target", "mine", "--similarities", "unknown.tsv"], "no intermediate task 'i11'",
    ),
    "intermediate twice": (
        {}, ["--target", "mine", "--similarities", "twice.tsv"], "'i0' stands there twice",
    ),
    "similarity in words": (
        {}, ["--target", "mine", "--similarities", "words.tsv"], "words.tsv: column 'similarity'",
    ),
    "similarity called score": (
        {}, ["--target", "mine", "--similarities", "named.tsv"], "no column 'similarity'",
    ),
    "confidence": ({}, ["--confidence", "90"], "--confidence must lie between 0 and 1"),
    "languages table": (
        {}, ["--language", "fr", "--languages-table", "new.tsv"], "has no column 'language'",
    ),
    "output": ({}, ["--language", "fr", "--output", "/proc/none/x.tsv"], "cannot write /proc/none"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence(predict, name):
    tables, words, sentence = MISTAKES[name]
    status, table, said = predict(*words, **tables)
    assert status == 1 and table is None
    last = said.strip().splitlines()[-1]
    assert last.startswith("xstilts: ") and sentence in last
    assert "Traceback" not in said


def test_help_needs_neither_pandas_nor_scipy(root):
    script = (
        "import sys; from xstilts.inference.prediction import command as predict_command; "
        "print(*{'pandas', 'numpy', 'scipy', 'statsmodels'} & set(sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(root / "workflow" / "scripts")},
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == ""
