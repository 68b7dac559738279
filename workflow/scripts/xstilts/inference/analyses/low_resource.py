"""Does similarity matter more where the encoder saw little text of the language?

The interaction similarity x log10 pretraining size, on rows of dyad by language. It varies between
dyads as similarity does, so it needs the dyads' own slopes over languages as random effects (and
the tasks', where they are seen to differ): without them a true null is rejected in a third of
studies. The second test gives every dyad one number, its slope over languages, and tests those as
the headline is tested.
"""

import numpy as np
import pandas as pd

from mixed_models.random_terms import RandomTerm
from xstilts.inference.analyses.crossed import CROSSED, random_terms
from xstilts.inference.analyses.headline import (
    FLAG,
    SIMILARITY,
    Fitted,
    codes,
    design_of,
    fit_with_slopes_seen,
)
from xstilts.inference.dyads import DYAD

FEWEST_LANGUAGES = 5
# Moderator -> the column of the language table that it comes from.
MODERATORS = {"log10_pretraining_size": "pretraining_GiB", "joshi_class": "joshi_class"}


def with_languages(rows: pd.DataFrame, languages: pd.DataFrame) -> pd.DataFrame:
    """`rows` of languages that the encoder was pretrained on, with the moderators.

    Languages unseen in pretraining (Yoruba for XLM-R) have no size and are no low-resource
    languages in the sense of the question; they are left out here and shown apart.
    """
    sizes = pd.to_numeric(languages["pretraining_GiB"], errors="coerce")
    known = pd.DataFrame(
        {
            "language": languages["language"],
            "log10_pretraining_size": np.log10(sizes.where(sizes > 0)),
            "joshi_class": pd.to_numeric(languages["joshi_class"], errors="coerce"),
            "seen": pd.to_numeric(languages["in_pretraining"], errors="coerce") == 1,
        }
    )
    merged = rows.merge(known[known["seen"]].drop(columns="seen"), on="language", how="inner")
    return merged.dropna(subset=list(MODERATORS)).reset_index(drop=True)


def too_few_languages(rows: pd.DataFrame) -> str | None:
    """A sentence that says why there is no low-resource analysis, or None."""
    count = rows["language"].nunique()
    if count < FEWEST_LANGUAGES or rows["log10_pretraining_size"].nunique() < 3:
        return (
            f"No low-resource analysis: it needs at least {FEWEST_LANGUAGES} languages of known "
            f"pretraining size besides English, and there are {count}."
        )
    return None


def fit_interaction(rows: pd.DataFrame, moderator: str, response: str = "gain_scaled") -> Fitted:
    """The row-level model; both predictors are standardised, so that their product is too.

    Raises:
        StudyError: the numbers allow no fit.
    """
    table = rows.assign(moderator=_standardised(rows[moderator]))
    table["product"] = table[SIMILARITY] * table["moderator"]
    design, terms = design_of(table, [FLAG, SIMILARITY, "moderator", "product"])
    names = {"moderator": moderator, "product": interaction_term(moderator)}
    terms = tuple(names.get(term, term) for term in terms)
    random = random_terms(table, tuple(CROSSED))
    size = table["moderator"].to_numpy(float)
    similarity = table[SIMILARITY].to_numpy(float)
    random += [
        RandomTerm(f"{moderator}|{name}", codes(table, *CROSSED[name]), size)
        for name in ("dyad", "intermediate", "target")
    ]
    random.append(RandomTerm("similarity|language", codes(table, "language"), similarity))
    values = table[response].to_numpy(float)
    # A dyad's own slope stays: dyads are the unit of the test.
    slopes = [f"{moderator}|{name}" for name in DYAD]
    return fit_with_slopes_seen(values, design, random, terms, slopes)


def interaction_term(moderator: str) -> str:
    """Name of the interaction in the table of effects."""
    return f"similarity:{moderator}"


def dyad_contrasts(rows: pd.DataFrame, table: pd.DataFrame, moderator: str) -> pd.DataFrame:
    """`table` of dyads with `contrast`: each dyad's least-squares slope of gain on the moderator.

    All dyads of a target have the same languages, so a target with fewer than three languages of
    different size is left out whole.
    """
    values = rows.assign(moderator=_standardised(rows[moderator]))
    groups = values.groupby(DYAD)
    moments = groups.apply(_slope, include_groups=False).rename("contrast").reset_index()
    merged = table.merge(moments.dropna(subset="contrast"), on=DYAD, how="inner")
    kept = merged.groupby("target")["contrast"].transform("size") >= 3
    return merged[kept].reset_index(drop=True)


def _slope(rows: pd.DataFrame) -> float:
    size = rows["moderator"].to_numpy(float)
    size = size - size.mean()
    if len(np.unique(size)) < 3:
        return np.nan
    return float(size @ rows["gain_scaled"].to_numpy(float) / (size @ size))


def _standardised(values: pd.Series) -> pd.Series:
    deviation = values.std()
    return (values - values.mean()) / (deviation if deviation > 0 else 1.0)
