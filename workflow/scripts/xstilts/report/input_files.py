"""The report's inputs from the files of a study."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from xstilts.core.table_contract import TableContract
from xstilts.report.provenance import read_runs
from xstilts.report.report_inputs import ReportInputs

OPTIONAL_TABLES = (
    "errors", "xtreme", "best", "rivals", "published", "languages", "similarity", "coverage",
    "contamination", "fidelity",
)  # fmt: skip


def read_inputs(
    files: Mapping[str, Any],
    *,
    config: Mapping[str, Any],
    rows: list[str],
    targets: list[str],
    problems: list[str],
    captions: Mapping[str, str],
    contracts: list[dict[str, Any]],
    titles: Mapping[str, str],
) -> ReportInputs:
    """What page, figures and tables are made from.

    `files` maps a name to its file: index, scores, gains, learning, runs; problems (a list); and,
    where the study has them, claims, `OPTIONAL_TABLES`, answer (inference.json) and inference (the
    list of TSV files of the rule that infers). `rows`, `targets` and `problems` are the study's;
    `captions` are by name of figure, `titles` by name of task; `contracts` say what the tables of
    inference are.
    """
    runs = read_runs(Path(files["runs"]))
    tables = {name: read_table(Path(files[name])) for name in OPTIONAL_TABLES if files.get(name)}
    if files.get("claims"):
        tables["claims"] = read_claims(Path(files["claims"]))
    answer = files.get("answer")
    return ReportInputs(
        study=config["study"],
        description=config["description"],
        data=config["source"],
        intermediates=rows,
        targets=targets,
        index=read_table(Path(files["index"])),
        scores=read_table(Path(files["scores"])),
        gains=read_table(Path(files["gains"])),
        learning=read_table(Path(files["learning"])),
        stages=runs["stages"],
        run_learning=runs["run_learning"],
        curves=runs["curves"],
        inference={
            Path(path).stem: read_table(Path(path)) for path in files.get("inference") or ()
        },
        contracts=[TableContract(**contract) for contract in contracts],
        answer=json.loads(Path(answer).read_text(encoding="utf-8")) if answer else {},
        captions=captions,
        titles=titles,
        problems=[
            *problems,
            *runs["problems"],
            *(line for path in files["problems"] for line in _lines(path)),
        ],
        versions=runs["versions"],
        config=config,
        plan=_plan(files.get("plan")),
        **tables,
    )


def read_joint(
    files: Mapping[str, Any],
    encoders: Mapping[str, ReportInputs],
    *,
    study: str,
    targets: list[str],
    rows: list[str],
    captions: Mapping[str, str],
    contracts: list[dict[str, Any]],
    problems: list[str],
) -> ReportInputs:
    """What is so over several encoders, whose own inputs are `encoders`.

    `files` maps replicates (gains with the encoder's number as the seed), similarity, languages,
    answer and inference to their files. The error over test items of two rows' difference is the
    mean of the encoders', an upper bound, since all have the same items.
    """
    first = next(iter(encoders.values()))
    errors = pd.concat([own.errors for own in encoders.values()])
    return ReportInputs(
        study=study,
        description=first.description,
        data=first.data,
        intermediates=rows,
        targets=targets,
        titles=first.titles,
        gains=read_table(Path(files["replicates"])),
        errors=errors.groupby(["target", "first", "second"], as_index=False)["error"].mean(),
        languages=read_table(Path(files["languages"])),
        similarity=read_table(Path(files["similarity"])),
        inference={Path(path).stem: read_table(Path(path)) for path in files["inference"]},
        contracts=[TableContract(**contract) for contract in contracts],
        answer=json.loads(Path(files["answer"]).read_text(encoding="utf-8")),
        captions=captions,
        problems=problems,
    )


def _plan(path: str | None) -> dict[str, Any]:
    return yaml.safe_load(Path(path).read_text(encoding="utf-8")) if path else {}


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def read_table(path: Path) -> pd.DataFrame:
    """A Parquet or TSV file; `none` and `NA` are the words they are, empty is missing."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["", "nan", "NaN"])


def read_claims(path: Path) -> pd.DataFrame:
    """The claims with verdicts; all words but the ends of the interval."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=["", "NA"])
    return table.assign(low=table["low"].astype(float), high=table["high"].astype(float))
