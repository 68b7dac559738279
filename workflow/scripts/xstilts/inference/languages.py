"""The table of languages: codes, families, resources and likeness to English.

A language goes by the code that task sheets give it: ISO 639-1, or ISO 639-3 where that has none,
and `-` with the script where a task has it in several (`zh-Hant`).
"""

from collections.abc import Collection, Sequence
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
    "in_pretraining",
    "pretraining_GiB",
    "wiki_articles_2020_08",
    "joshi_class",
    "uriel_n_syntax_of103",
    "l2v_syntax_shared_ang",
    "wals_wo_known",
    "wals_wo_same_as_en",
)
# What the analyses of a study read.
ANALYSED = (
    "language", "name", "family_glottolog", "joshi_class", "in_pretraining", "pretraining_GiB",
)  # fmt: skip
# What a language has in common with itself in another script.
OF_THE_LANGUAGE = (
    "iso639_1", "iso639_3", "name", "glottocode", "family_glottolog", "macroarea",
    "km_from_english", "joshi_class",
)  # fmt: skip
SEEN, SIZE = "in_pretraining", "pretraining_GiB"
XLMR = {SEEN: "in_xlmr", SIZE: "cc100_GiB"}


def languages_table(path: Path, columns: Sequence[str] = ANALYSED) -> pd.DataFrame:
    """One row per language, as `resources/languages.md` describes the columns.

    Where the file does not say what the encoder was pretrained on (`in_pretraining`,
    `pretraining_GiB`), that of XLM-R stands there.

    Args:
        path: a tab-separated file; a blank cell is an unknown value.
        columns: which it must have at least.

    Returns:
        Text columns as str and those of `NUMBERS` as float; unknown values are missing.

    Raises:
        StudyError: the file is missing or no such table, lacks a column or a code, has a code
            twice, or a number that is none.
    """
    table = _read(path)
    if "language" not in table and "iso639_1" in table:
        table = table.assign(language=table["iso639_1"])
    for name, of_xlmr in XLMR.items():
        if name not in table and of_xlmr in table:
            table = table.assign(**{name: table[of_xlmr]})
    lacking = [name for name in ("language", *columns) if name not in table]
    if lacking:
        raise StudyError(
            f"{path}: the table of languages has no column '{lacking[0]}'; resources/languages.md "
            "describes its columns."
        )
    _check_codes(table["language"], path)
    return table.assign(**{name: _numbers(table, name, path) for name in NUMBERS if name in table})


def _read(path: Path) -> pd.DataFrame:
    try:
        # No default missing values: "NA" and "nan" are codes of languages.
        return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=[""])
    except OSError as error:
        raise StudyError(f"{path}: the table of languages is missing ({error.strerror}).") from None
    except ValueError as error:
        raise StudyError(f"{path}: this is no tab-separated table: {error}") from None


def _check_codes(codes: pd.Series, path: Path) -> None:
    wrong = codes.isna() | codes.duplicated()
    if wrong.any():
        raise StudyError(
            f"{path}, line {int(wrong.to_numpy().argmax()) + 2}: the code in column 'language' is "
            "blank or stands there twice; give each language one row."
        )


def _numbers(table: pd.DataFrame, name: str, path: Path) -> pd.Series:
    numbers = pd.to_numeric(table[name], errors="coerce")
    wrong = numbers.isna() & table[name].notna()
    if wrong.any():
        first = table[wrong].iloc[0]
        raise StudyError(
            f"{path}: '{first[name]}' in column '{name}' of language {first['language']} is no "
            "number; write one, or leave the cell blank."
        )
    return numbers.astype(float)


def pretraining_table(path: Path) -> pd.DataFrame:
    """The languages that an encoder was pretrained on: `language` and `GiB`, which may be missing.

    Raises:
        StudyError: the file is missing or no such table.
    """
    table = _read(path)
    for name in ("language", "GiB"):
        if name not in table:
            raise StudyError(
                f"{path}: the list of an encoder's languages has no column '{name}'; it needs "
                "language and GiB (which may be blank), separated by a tab."
            )
    _check_codes(table["language"], path)
    return table.assign(GiB=_numbers(table, "GiB", path))[["language", "GiB"]]


def study_languages(
    facts: pd.DataFrame, codes: Collection[str], pretraining: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[str]]:
    """What is known of the languages of a study, and sentences on what is not.

    All rows of `facts`, and a row for each of `codes` that has none: with what is known of the
    language where the code names a script of it, else blank.

    Args:
        facts: as from `languages_table`.
        codes: languages of the study.
        pretraining: of its encoder, as from `pretraining_table`; None where that is not known.

    Returns:
        `facts` with `in_pretraining` and `pretraining_GiB` of this encoder.
    """
    known = set(facts["language"])
    added = [_added(code, facts) for code in sorted(set(codes) - known)]
    table = pd.concat([facts, pd.DataFrame(added, columns=facts.columns)], ignore_index=True)
    for name in (set(NUMBERS) - {SEEN, SIZE}) & set(table):
        table[name] = table[name].astype(float)
    if pretraining is None:
        table = table.assign(**{SEEN: float("nan"), SIZE: float("nan")})
    else:
        size = pretraining.set_index("language")["GiB"]
        seen = table["language"].isin(size.index).astype(float)
        # Whether a list means a language in its second script as well, it does not say.
        other = table["language"].str.contains("-") & (seen == 0)
        table = table.assign(
            **{SEEN: seen.mask(other), SIZE: table["language"].map(size).astype(float)}
        )
    return table, list(_unknown(set(codes), known))


def _added(code: str, facts: pd.DataFrame) -> dict[str, object]:
    base, _, script = code.partition("-")
    own = facts[facts["language"] == base]
    row: dict[str, object] = {"language": code}
    if script and len(own):
        row |= {name: own.iloc[0][name] for name in OF_THE_LANGUAGE if name in facts}
    if script:
        row |= {"script_iso15924": script, "script_is_latin": float(script == "Latn")}
    return row


def _unknown(codes: set[str], known: set[str]) -> list[str]:
    bases = {code.partition("-")[0] for code in codes}
    unknown = sorted(bases - known)
    if not unknown:
        return []
    return [
        f"The table of languages knows nothing of {', '.join(unknown)}: no analysis of languages "
        "has them; add rows to resources/languages.tsv."
    ]
