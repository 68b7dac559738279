"""Rule predict_gains: expected gains for what was not run, and how often intervals hold."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.inference.languages import languages_table
    from xstilts.inference.prediction.covariates import LANGUAGE_COLUMNS, task_similarity
    from xstilts.inference.prediction.expected_gains import StudyData, predict_study

    settings = json.loads(snakemake.params.prediction)
    files, output = snakemake.input, snakemake.output
    evidence = StudyData(
        gains=pd.read_parquet(files.gains),
        similarity=task_similarity(pd.read_parquet(files.similarity), snakemake.params.measure),
        languages=languages_table(Path(files.languages), LANGUAGE_COLUMNS),
        without_languages=snakemake.params.without_languages,
        confidence=settings["confidence"],
    )
    expected, coverage, problems = predict_study(evidence, settings["languages"])
    expected.to_csv(output.expected, sep="\t", index=False, float_format="%.6g")
    coverage.to_csv(output.coverage, sep="\t", index=False, float_format="%.6g")
    candidates = evidence.candidates(settings["within"])
    candidates.to_csv(output.candidates, sep="\t", index=False, float_format="%.6g")
    Path(output.problems).write_text("".join(f"{line}\n" for line in problems), encoding="utf-8")


run_script(main, snakemake)
