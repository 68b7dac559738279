"""The table of languages: codes, families, resources and likeness to English."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from xstilts.core.errors import StudyError

TABLE = Path(__file__).resolve().parents[4] / "resources" / "languages.tsv"
# The language of a table that has no such column.
ONE_LANGUAGE = "all"
NUMBERS = (
    "script_is_latin",
    "km_from_english",
    "in_xlmr",
    "cc100_GiB",
    "in_mbert",
    "wiki_articles_2020_08",
    "joshi_class",
    "uriel_n_syntax_of103",
    "l2v_syntax_shared_ang",
    "wals_wo_known",
    "wals_wo_same_as_en",
)
# What the analyses of a study read.
ANALYSED = ("iso639_1", "name", "family_glottolog", "joshi_class", "cc100_GiB", "in_xlmr")


def languages_table(path: Path, columns: Sequence[str] = ANALYSED) -> pd.DataFrame:
    """One row per language, as `resources/languages.md` describes the columns.

    Args:
        path: a tab-separated file; a blank cell is an unknown value.
        columns: which it must have at least.

    Returns:
        Text columns as str and those of `NUMBERS` as float; unknown values are missing.

    Raises:
        StudyError: the file is missing or no such table, lacks a column or a code, has a code
            twice, or a number that is none.
    """
    try:
        # No default missing values: "NA" and "nan" are codes of languages.
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=[""])
    except OSError as error:
        raise StudyError(f"{path}: the table of languages is missing ({error.strerror}).") from None
    except ValueError as error:
        raise StudyError(f"{path}: this is no tab-separated table: {error}") from None
    lacking = [name for name in ("iso639_1", *columns) if name not in table]
    if lacking:
        raise StudyError(
            f"{path}: the table of languages has no column '{lacking[0]}'; resources/languages.md "
            "describes its columns."
        )
    codes = table["iso639_1"]
    if codes.isna().any() or codes.duplicated().any():
        row = int((codes.isna() | codes.duplicated()).to_numpy().argmax()) + 2
        raise StudyError(
            f"{path}, line {row}: the code in column 'iso639_1' is blank or stands there twice; "
            "give each language one row."
        )
    return table.assign(**{name: _numbers(table, name, path) for name in NUMBERS if name in table})


def _numbers(table: pd.DataFrame, name: str, path: Path) -> pd.Series:
    numbers = pd.to_numeric(table[name], errors="coerce")
    wrong = numbers.isna() & table[name].notna()
    if wrong.any():
        first = table[wrong].iloc[0]
        raise StudyError(
            f"{path}: '{first[name]}' in column '{name}' of language {first['iso639_1']} is no "
            "number; write one, or leave the cell blank."
        )
    return numbers.astype(float)
