"""The rows tied for best of each target, beside what best.tsv takes."""

import pandas as pd

from xstilts.core.run_noise import Stated
from xstilts.report import dyad_gains
from xstilts.report.ties import tied_with

TIED = "tied"


def with_ties(
    best: pd.DataFrame,
    gains: pd.DataFrame,
    errors: pd.DataFrame,
    stated: Stated | None = None,
) -> pd.DataFrame:
    """`best` with a column of the rows that cannot be told from `taken`, with commas, best first.

    The rule is the page's (`ties.tied_with`): the interval of the difference holds zero. `none` is
    one of the rows, so that where it is named, no intermediate task is sure to be needed. Blank
    where nothing is tied, and where the two halves of the test sentences chose different rows, of
    which there is no single gain.

    Args:
        best: as `evaluation.choice` makes it.
        gains: the study's gains.
        errors: errors over test items of the differences of rows (item_errors.parquet).
        stated: how much scores vary between training runs, for targets that have one seed.
    """
    dyads = dyad_gains.summarise(gains, errors, stated)
    tied = [
        ",".join(tied_with(str(row.taken), str(row.target), dyads, errors, gains))
        for row in best.itertuples()
    ]
    return best.assign(**{TIED: tied})
