"""The whole inference from any table of transfer, with scores or gains by source and target.

No study, no config: a CSV, TSV or Parquet file with columns of any name. Similarity and families
are tables too, and optional.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError, nearest
from xstilts.inference.analyses.families import Families
from xstilts.inference.dyads import MARKS, combined
from xstilts.inference.engine import column, numbers, read_table
from xstilts.inference.languages import ONE_LANGUAGE, TABLE, languages_table
from xstilts.inference.run import Inference, Inputs, infer
from xstilts.inference.table_files import write_summary, write_tables

KEYS = ["intermediate", "target", "language", "seed"]
# Names by which columns are known where the caller names none.
NAMES = {
    "intermediate": ("intermediate", "source"),
    "target": ("target",),
    "language": ("language",),
    "seed": ("seed",),
    "same_data": ("same_data",),
    "score": ("score",),
    "gain": ("gain",),
    "similarity": ("similarity",),
    "measure": ("measure",),
    "reliability": ("reliability",),
    "task": ("task",),
    "family": ("family",),
}
ONE_MEASURE = "similarity"
SETTINGS = {
    "without_languages": [],
    "covariates": [],
    "permutations": 9999,
    "bootstrap": 2000,
    "run_sd": None,
    "equivalence_bound": 0.5,
    "seed": 1,
}


def column_names(words: Sequence[str]) -> dict[str, str]:
    """NAME=COLUMN as words, by name.

    Raises:
        StudyError: a word is none such, or names no column of `NAMES`.
    """
    columns = {}
    for word in words:
        name, equals, column = word.partition("=")
        if not equals:
            raise StudyError(f"--column {word}: write NAME=COLUMN, as in score=affinity")
        if name not in NAMES:
            raise StudyError(f"--column {word}: there is no '{name}'; {nearest(name, NAMES)}")
        columns[name] = column
    return columns


@dataclass(frozen=True)
class Gains:
    """Rows with the columns of gains.parquet, and sentences on what was left out or assumed."""

    rows: pd.DataFrame
    problems: tuple[str, ...]


def answer_table(
    table: Path,
    output: Path,
    *,
    similarity: Path | None = None,
    families: Path | None = None,
    columns: Mapping[str, str] | None = None,
    baseline: str | None = None,
    lower_is_better: bool = False,
    measure: str | None = None,
    languages: Path = TABLE,
    settings: Mapping[str, Any] | None = None,
) -> Inference:
    """Writes inference.json and the folder `inference` of tables into `output`.

    Args:
        table: one row per source, target (, language, seed), with a score or a gain.
        output: a folder, made if need be.
        similarity: one row per source, target (, language, measure), with a similarity.
        families: one row per task, with its family.
        columns: what the file calls a column of `NAMES`, where not by its own name.
        baseline: the source whose score is taken from the others' to give gains.
        lower_is_better: the score is a loss.
        measure: the similarity measure that the answer is of; needed where there are several.
        languages: the language table.
        settings: others than `SETTINGS`; keys as under `inference` in a study's config.

    Raises:
        StudyError: a file or a column is missing or holds what it must not.
    """
    names = dict(columns or {})
    gains = read_gains(read_table(table), names, baseline, lower_is_better)
    known = languages_table(languages)
    similarities, primary = read_similarity(similarity and read_table(similarity), names, measure)
    inputs = Inputs(
        gains.rows,
        similarities,
        known,
        families=read_families(families and read_table(families), names),
    )
    config = SETTINGS | dict(settings or {}) | {"primary_measure": primary}
    result = infer(inputs, config)
    problems = [*gains.problems, *_unlisted(gains.rows, known), *result.summary["problems"]]
    result = replace(result, summary=result.summary | {"problems": problems})
    write_tables(result.tables, output / "inference")
    write_summary(result.summary, output / "inference.json")
    return result


def read_gains(
    table: pd.DataFrame,
    names: Mapping[str, str],
    baseline: str | None = None,
    lower_is_better: bool = False,
) -> Gains:
    """The rows of `table` in the words of a study.

    Raises:
        StudyError: see `answer_table`; also where a source, target, language and seed stand twice.
    """
    rows = _rows(table, names, -1.0 if lower_is_better else 1.0)
    problems = []
    if _named(table, names, "gain") is not None:
        rows["gain"] = rows["score"]
    elif baseline is not None:
        rows = _over_baseline(rows, baseline)
    else:
        rows["gain"] = rows["score"]
        problems.append(
            "No baseline is named: scores stand for gains. Each target's mean is taken out, so "
            "that slopes and choices are the same."
        )
    itself = rows["intermediate"] == rows["target"]
    if itself.any():
        problems.append(
            f"{int(itself.sum())} rows of a task with itself are left out: they are no transfer."
        )
    if several := int(combined(rows["intermediate"]).sum()):
        problems.append(
            f"{several} rows of sources that are no single task ('none', 'multitask', or with "
            f"{' or '.join(map(repr, MARKS))} in their name) are left out of the tests."
        )
    return Gains(rows[~itself], tuple(problems))


def _rows(table: pd.DataFrame, names: Mapping[str, str], sign: float) -> pd.DataFrame:
    """Keys, same_data and score of every row that has one, whose score is times `sign`."""
    defaults = {"language": ONE_LANGUAGE, "seed": "1"}
    rows = pd.DataFrame({key: _text(table, names, key, defaults.get(key)) for key in KEYS})
    rows["seed"] = pd.factorize(rows["seed"], sort=True)[0] + 1
    same_data = _named(table, names, "same_data")
    rows["same_data"] = False if same_data is None else numbers(table, same_data).to_numpy() > 0
    value = _named(table, names, "gain") or _named(table, names, "score")
    if value is None:
        raise StudyError(
            "the table has neither a column 'gain' nor 'score': name the one that holds the scores "
            "(--column score=NAME)"
        )
    rows["score"] = sign * numbers(table, value).to_numpy()
    rows = rows[rows["score"].notna()]
    if rows.empty:
        raise StudyError(f"column '{value}' is empty in every row: there is nothing to analyse")
    twice = rows.duplicated(KEYS)
    if twice.any():
        first = rows[twice].iloc[0]
        raise StudyError(
            f"{first['intermediate']} and {first['target']} stand in {int(twice.sum())} rows or "
            "more than one: name the column that tells them apart, as language or as seed"
        )
    return rows


def _over_baseline(rows: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Gains over the baseline's score in the same target, language and seed; its mean of seeds."""
    own = rows[rows["intermediate"] == baseline]
    if own.empty:
        raise StudyError(f"the table has no row of the baseline '{baseline}'")
    keys = ["target", "language"]
    means = own.groupby(keys)["score"].mean().rename("mean").reset_index()
    same = own[[*keys, "seed", "score"]].rename(columns={"score": "same"})
    joined = rows.merge(means, on=keys, how="left").merge(same, on=[*keys, "seed"], how="left")
    joined["gain"] = joined["score"] - joined["same"].fillna(joined["mean"])
    return joined[joined["intermediate"] != baseline].drop(columns=["mean", "same"])


def read_similarity(
    table: pd.DataFrame | None, names: Mapping[str, str], measure: str | None
) -> tuple[pd.DataFrame, str]:
    """The table with the columns of similarity.parquet, and the measure that the answer is of.

    Without a table: no rows, and "".

    Raises:
        StudyError: the table has several measures and none is named, or lacks a column.
    """
    wanted = ["measure", "intermediate", "target", "language", "similarity", "reliability"]
    if table is None:
        return pd.DataFrame(columns=wanted), ""
    value = _named(table, names, "similarity")
    rows = pd.DataFrame(
        {
            "measure": _text(table, names, "measure", ONE_MEASURE),
            "intermediate": _text(table, names, "intermediate"),
            "target": _text(table, names, "target"),
            "similarity": numbers(table, value or "similarity").to_numpy(),
        }
    )
    language, reliability = (_named(table, names, name) for name in ("language", "reliability"))
    rows["language"] = None if language is None else column(table, language).to_numpy()
    rows["reliability"] = np.nan if reliability is None else numbers(table, reliability).to_numpy()
    measures = sorted(set(rows["measure"]))
    if measure is None and len(measures) > 1:
        raise StudyError(
            f"the table of similarities has {len(measures)} measures; name the one that the answer "
            f"is of: {', '.join(measures)}"
        )
    return rows[wanted], measure or measures[0]


def read_families(table: pd.DataFrame | None, names: Mapping[str, str]) -> Families:
    """Families from a table of tasks.

    Raises:
        StudyError: the table lacks a column, or has a task in two families.
    """
    if table is None:
        return Families()
    task, family = (_text(table, names, name) for name in ("task", "family"))
    pairs = pd.DataFrame({"task": task, "family": family}).drop_duplicates()
    if pairs["task"].duplicated().any():
        twice = pairs.loc[pairs["task"].duplicated(), "task"].iloc[0]
        raise StudyError(f"the task '{twice}' stands in two families: give it one")
    return Families(dict(zip(pairs["task"], pairs["family"], strict=True)), {}, "the table given")


def _named(table: pd.DataFrame, names: Mapping[str, str], name: str) -> str | None:
    """What the table calls a column; None where it has none and the caller named none."""
    if name in names:
        return names[name]
    return next((each for each in NAMES[name] if each in table.columns), None)


def _text(
    table: pd.DataFrame, names: Mapping[str, str], name: str, default: str | None = None
) -> np.ndarray:
    name_here = _named(table, names, name)
    if name_here is None and default is not None:
        return np.full(len(table), default, dtype=object)
    values = column(table, name_here or NAMES[name][0])
    if values.isna().any():
        raise StudyError(
            f"column '{values.name}' is empty in {int(values.isna().sum())} rows: fill or remove "
            "them"
        )
    return values.astype(str).to_numpy(object)


def _unlisted(rows: pd.DataFrame, languages: pd.DataFrame) -> Sequence[str]:
    missing = sorted(set(rows["language"]) - set(languages["language"]) - {ONE_LANGUAGE})
    if not missing:
        return []
    return [
        f"The table of languages lacks {', '.join(missing)}: they are in every analysis but that "
        "of low-resource languages."
    ]
