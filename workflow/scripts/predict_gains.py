"""Rule predict_gains: expected gains for what was not run, and how often intervals hold."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.core.tsv import rows_of, write_tsv
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
    tables = {
        output.expected: expected,
        output.coverage: coverage,
        output.candidates: evidence.candidates(settings["within"]),
    }
    for path, table in tables.items():
        write_tsv(Path(path), *rows_of(table), numbers=".6g")
    Path(output.problems).write_text("".join(f"{line}\n" for line in problems), encoding="utf-8")


run_script(main, snakemake)
