"""What `xstilts answer` says of published tables of transfer, and how it predicts new languages.

    python benchmarks/real_tables.py TABLES

TABLES holds model_recycling, prompt_transferability, taskonomy and litmus_sumeval, files of the
repositories named in the section. Writes the section "real-tables" of benchmarks/README.md;
`--show` prints it instead.
"""

import argparse
import ast
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

import numpy as np
import pandas as pd
from readme import put_section, table

from xstilts.inference.languages import TABLE, languages_table
from xstilts.inference.prediction.covariates import LANGUAGE_COLUMNS
from xstilts.inference.prediction.expected_gains import StudyData

LITMUS = ("XNLI_XLMR", "XNLI_TULRv6Large", "TyDiQA_XLMR_ID", "UDPOS_XLMR", "WikiANN_XLMR")
# Mixtures of a Litmus table that are used, of 26 to 400; and parts of its languages held out.
MIXTURES, PARTS = 40, 3
# What the authors of the prompts call the type of each task (Su et al. 2022, table 1).
PROMPT_TYPES = {
    "IMDB": "sentiment", "SST2": "sentiment", "laptop": "sentiment", "restaurant": "sentiment",
    "movierationales": "sentiment", "tweetevalsentiment": "sentiment", "MNLI": "inference",
    "QNLI": "inference", "snli": "inference", "recastner": "inference",
    "ethicsdeontology": "ethics", "ethicsjustice": "ethics", "QQP": "paraphrase",
    "MRPC": "paraphrase",
}  # fmt: skip


def taskonomy(tables: Path, folder: Path) -> list[str]:
    """Losses of all sources; similarity is what the smallest training size says.

    Losses of different targets have no common scale, so that it is taken within the target.
    """
    own = tables / "taskonomy"
    cheap = pd.read_csv(own / "all_affinities_1k_first_order.csv")
    losses = cheap.groupby("target")["affinity"]
    away = (losses.transform("mean") - cheap["affinity"]) / losses.transform("std")
    cheap.assign(similarity=away).to_csv(folder / "cheap.csv", index=False)
    words = [str(own / "all_affinities_first_order.csv"), "--column", "score=affinity"]
    return [*words, "--lower-is-better", "--similarity", str(folder / "cheap.csv")]


def prompts(tables: Path, folder: Path) -> list[str]:
    """Prompts of RoBERTa's on its other tasks without training; tasks of a type are alike."""
    found = pd.read_csv(tables / "prompt_transferability" / "prompt_transfer.csv")
    own = (found["setting"] == "main") & (found["source_model"] == "Roberta")
    found = found[own & (found["kind"] == "cross_task")].assign(score=100 * found["score"])
    found.to_csv(folder / "prompts.csv", index=False)
    pairs = found[found["source"] != found["target"]][["source", "target"]]
    types = [pairs[side].map(PROMPT_TYPES) for side in pairs]
    pairs.assign(similarity=(types[0] == types[1]) * 1.0).to_csv(folder / "types.csv", index=False)
    return [str(folder / "prompts.csv"), "--similarity", str(folder / "types.csv")]


def recycling(tables: Path, folder: Path) -> list[str]:
    """Fine-tuned models as starting points, in the place of plain RoBERTa."""
    found = pd.read_csv(tables / "model_recycling" / "roberta-base_table.csv", index_col=0)
    found = found.drop(columns=["avg", "mnli_lp"]).dropna()
    found = found.drop_duplicates("model_name").melt("model_name", var_name="target")
    found.to_csv(folder / "recycling.csv", index=False)
    columns = ["--column", "intermediate=model_name", "--column", "score=value"]
    return [str(folder / "recycling.csv"), *columns, "--baseline", "roberta-base"]


def mixtures(tables: Path, name: str) -> list[dict]:
    """The mixtures of training languages of a Litmus table, with their results."""
    path = tables / "litmus_sumeval" / "train" / f"{name}.json"
    return json.loads(path.read_text())[:MIXTURES]


def litmus_scores(tables: Path, name: str) -> pd.DataFrame:
    """Scores in points of mixtures of training languages: intermediate, target, language, score."""
    rows = []
    for number, entry in enumerate(mixtures(tables, name)):
        results = entry["eval_results"]
        results = ast.literal_eval(results) if isinstance(results, str) else results
        rows += [
            (f"mixture {number:02d}", name.lower(), language, 100 * score)
            for language, score in results.items()
        ]
    return pd.DataFrame(rows, columns=["intermediate", "target", "language", "score"])


def litmus(tables: Path, folder: Path) -> list[str]:
    """XNLI of XLM-R Large in every language, after mixtures of training languages."""
    litmus_scores(tables, LITMUS[0]).to_csv(folder / "litmus.csv", index=False)
    return [str(folder / "litmus.csv")]


def by_language(name: str, tables: Path, folder: Path) -> list[str]:
    """Mixtures by test languages, which stand for targets.

    Alike are a mixture and a language that share types of word pieces: the overlap of the
    mixture's languages with that language, weighted by their rows.
    """
    path = tables / "litmus_sumeval" / "precomputed_features.json"
    overlap = json.loads(path.read_text())["type_overlap"]["xlmr"]
    scores = litmus_scores(tables, name).drop(columns="target")
    scores = scores.rename(columns={"language": "target"})
    rows = [
        (f"mixture {number:02d}", language, _mean_overlap(entry["train_config"], overlap[language]))
        for number, entry in enumerate(mixtures(tables, name))
        for language in sorted(set(scores["target"]))
    ]
    scores.to_csv(folder / f"{name}.csv", index=False)
    columns = ["intermediate", "target", "similarity"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / f"{name} overlap.csv", index=False)
    return [str(folder / f"{name}.csv"), "--similarity", str(folder / f"{name} overlap.csv")]


def _mean_overlap(rows: dict[str, int], overlap: dict[str, float]) -> float:
    weights = {code: count for code, count in rows.items() if count}
    return sum(overlap[code] * count for code, count in weights.items()) / sum(weights.values())


ANSWERED = {
    "Taskonomy": taskonomy,
    "prompt transfer": prompts,
    "model recycling": recycling,
    "Litmus, XNLI": litmus,
    "Litmus, XNLI by language": partial(by_language, "XNLI_XLMR"),
    "Litmus, UDPOS by language": partial(by_language, "UDPOS_XLMR"),
}


def answered(name: str, words: list[str], folder: Path) -> list[object]:
    """One row: what one command says, and what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "xstilts", "answer", *words, "--output", str(folder / name)]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    summary = json.loads((folder / name / "inference.json").read_text())
    pairs = pd.read_csv(folder / name / "inference" / "dyads.tsv", sep="\t")
    variance = pd.read_csv(folder / name / "inference" / "variance.tsv", sep="\t")
    shares = " ".join(f"{row.component} {100 * row.share:.0f} %;" for row in variance.itertuples())
    said = summary["answer"] if summary["headline"] else summary["problems"][-1]
    return [name, f"{len(pairs):,}", f"{seconds:.0f}", shares.rstrip(";") or "–", said]


def held_out(tables: Path) -> Iterator[list[object]]:
    """Languages of Litmus predicted from the others, beside the mixture's mean over those."""
    languages = languages_table(TABLE, LANGUAGE_COLUMNS)
    none = pd.DataFrame(columns=["intermediate", "target", "similarity"])
    for name in LITMUS:
        scores = litmus_scores(tables, name).rename(columns={"score": "gain"})
        codes = np.random.default_rng(1).permutation(sorted(set(scores["language"])))
        found = []
        for part in np.array_split(codes, PARTS):
            seen = scores[~scores["language"].isin(part)]
            evidence = StudyData(seen, none, languages, without_languages=())
            expected = evidence.in_languages(list(part))
            truth = scores.rename(columns={"gain": "truth"})
            joined = expected.merge(truth, on=["intermediate", "target", "language"])
            means = seen.groupby("intermediate")["gain"].mean()
            found.append(joined.assign(mean=joined["intermediate"].map(means)))
        rows = pd.concat(found)
        error, other = ((rows[each] - rows["truth"]).abs().mean() for each in ("gain", "mean"))
        inside = rows["truth"].between(rows["low"], rows["high"]).mean()
        width = (rows["high"] - rows["low"]).median()
        promised = f"{100 * rows['confidence'].mean():.0f}"
        counts = f"{len(codes)}", f"{scores['intermediate'].nunique()}"
        yield [
            name, *counts, f"{error:.2f}", f"{other:.2f}", f"{100 * inside:.0f}", promised,
            f"{width:.1f}",
        ]  # fmt: skip


def section(tables: Path) -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        answers = [answered(name, make(tables, place), place) for name, make in ANSWERED.items()]
    head = ["table", "pairs tested", "CPU, s", "where the variance lies", "what it says"]
    predicted = [
        "table", "languages", "mixtures", "error", "error of the mean over seen languages",
        "inside, %", "promised, %", "median width",
    ]  # fmt: skip
    return f"""## Published tables of transfer

One command each (`xstilts answer`), imports and page included. Taskonomy (StanfordVL/taskonomy):
transfer between vision tasks, similarity is the transfer seen with a
thousand images, in standard deviations of its target. Prompt
transfer (thunlp/Prompt-Transferability): RoBERTa's prompts on other tasks; similarity is 1 between
tasks that its authors give the same type, else 0. Model recycling (IBM/model-recycling): fine-tuned
models in the place of roberta-base, without a similarity. Litmus (microsoft/Litmus): mixtures of
training languages; by language, with the test languages as targets, similarity is the overlap of
their types of word pieces (`precomputed_features.json`), weighted by the mixture's rows.

{table(head, answers)}

Languages that were not seen: a third of a table's languages at a time, predicted from the others
(`StudyData.in_languages`, which is `xstilts predict --language`); mean absolute error in points.

{table(predicted, held_out(tables))}

Made by `python benchmarks/real_tables.py TABLES`.
"""


def main() -> None:
    """Answer, predict, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", type=Path)
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    chosen = parser.parse_args()
    text = section(chosen.tables)
    print(text)
    if not chosen.show:
        put_section("real-tables", text)


if __name__ == "__main__":
    main()
