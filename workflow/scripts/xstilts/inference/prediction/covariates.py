"""What is known of each gain before it is measured: task similarity, and the language table."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError, nearest
from xstilts.inference.dyads import in_own_languages
from xstilts.inference.languages import ONE_LANGUAGE
from xstilts.inference.prediction.features import Features

ROW = ["intermediate", "target", "language"]
# Columns of the language table that predictions use.
LANGUAGE_COLUMNS = ("in_pretraining", "pretraining_GiB", "l2v_syntax_shared_ang")
# Sizes are in units of a middling language's, so that their logarithm is near zero there.
USUAL_GIB = 10.0


def means_of_all_rows(gains: pd.DataFrame, without_languages: Collection[str]) -> pd.DataFrame:
    """One row per intermediate, target and language of gains.parquet: gain (points), same_data.

    Rows without a gain and `without_languages` (English is no zero-shot transfer) are left out, as
    is the language of a target's own training set. Rows of several tasks, and variants, stay: they
    are predicted too, whereas `dyads.seed_means` leaves them out of the tests.
    """
    own = in_own_languages(gains)
    without = gains["language"].isin(list(without_languages)) | own
    kept = gains[gains["gain"].notna() & ~without]
    if "same_data" not in kept:
        kept = kept.assign(same_data=False)
    means = kept.groupby(ROW, as_index=False).agg(
        gain=("gain", "mean"), same_data=("same_data", "any")
    )
    return means.astype(dict.fromkeys(ROW, str) | {"same_data": bool})


def task_similarity(similarity: pd.DataFrame, measure: str | None = None) -> pd.DataFrame:
    """intermediate, target and similarity by one measure; over languages if it has no other.

    Raises:
        StudyError: the table has rows but no such measure, or several and none is named.
    """
    if similarity.empty:
        return similarity[["intermediate", "target", "similarity"]]
    measures = sorted(similarity["measure"].unique())
    if measure is None and len(measures) > 1:
        raise StudyError(
            f"the table of similarities has {len(measures)} measures; name one of them: "
            f"{', '.join(measures)}."
        )
    measure = measure or measures[0]
    if measure not in measures:
        raise StudyError(
            f"the table of similarities has no measure '{measure}'; {nearest(measure, measures)}"
        )
    rows = similarity[similarity["measure"] == measure]
    if "language" in rows and rows["language"].isna().any():
        rows = rows[rows["language"].isna()]
    return rows.groupby(["intermediate", "target"], as_index=False)["similarity"].mean()


def with_covariates(
    rows: pd.DataFrame,
    similarity: pd.DataFrame,
    languages: pd.DataFrame,
    features: Sequence[Features] = (),
    intermediates: Collection[str] | None = None,
) -> pd.DataFrame:
    """`rows` with similarity (centred within target), size, distance and features.

    See `expectation`. A language outside the encoder's pretraining has no size; it enters with the
    smallest of the table. `intermediates` are those of the study, whose mean similarity is a
    target's centre; None: all that have one.
    """
    own = similarity
    if intermediates is not None:
        own = similarity[similarity["intermediate"].astype(str).isin(list(intermediates))]
    centre = similarity["target"].map(own.groupby("target")["similarity"].mean())
    centred = similarity.assign(similarity=similarity["similarity"] - centre.to_numpy(float))
    table = languages.set_index("language")
    size = table["pretraining_GiB"]
    size = size.where(table["in_pretraining"] != 0, size.min())
    known = pd.DataFrame(
        {"size": np.log10(size / USUAL_GIB), "distance": table["l2v_syntax_shared_ang"]}
    )
    dyad = ["intermediate", "target"]
    joined = rows.merge(centred.astype(dict.fromkeys(dyad, str)), on=dyad, how="left")
    joined = joined.merge(known, left_on="language", right_index=True, how="left")
    for each in features:
        own_names = rows["intermediate"].unique() if intermediates is None else intermediates
        joined = each.put(joined, own_names)
    return joined


def similarity_gaps(rows: pd.DataFrame) -> list[str]:
    """A sentence, if need be, on rows of `with_covariates` that have no similarity."""
    lacking = rows["similarity"].isna()
    if lacking.all():
        return ["No similarity is known: gains are predicted without it."]
    if lacking.any():
        names = ", ".join(sorted(rows.loc[lacking, "intermediate"].unique()))
        return [
            f"The similarity of {names} with some target task is not known: there gains are "
            "predicted as at the average similarity."
        ]
    return []


def language_gaps(codes: Collection[str], languages: pd.DataFrame) -> list[str]:
    """A sentence on each thing that the language table does not know of the languages `codes`."""
    table = languages[languages["language"].isin(list(codes))]
    unlisted = set(codes) - set(table["language"]) - {ONE_LANGUAGE}
    unseen = table.loc[table["in_pretraining"] == 0, "language"]
    blank = table.loc[table["l2v_syntax_shared_ang"].isna(), "language"]
    gaps = {
        "The table of languages lacks {}: predicted as for an average language.": unlisted,
        "The encoder was not pretrained on {}: predicted as for the rarest language of the table, "
        "which may be too hopeful.": unseen,
        "The syntactic distance of {} to English is not known: predicted as for an average one.": (
            blank
        ),
    }
    return [text.format(", ".join(sorted(names))) for text, names in gaps.items() if len(names)]
