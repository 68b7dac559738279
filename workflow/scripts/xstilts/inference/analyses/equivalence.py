"""What a null result excludes: two one-sided tests (Schuirmann 1987; Lakens 2017)."""

from collections.abc import Iterable

from scipy import stats

from mixed_models.denominator_df import Test

SIGNIFICANT = 0.05


def equivalence(test: Test, bounds: Iterable[float]) -> list[dict[str, object]]:
    """For each bound d: is the slope within (-d, d)?

    p is the larger of the two one-sided p-values; `smallest_bound` the smallest d for which the
    answer would be yes, the outer end of the 90 % interval.
    """
    reach = float(stats.t.ppf(1 - SIGNIFICANT, test.df)) * test.standard_error
    smallest = abs(test.estimate) + reach
    rows: list[dict[str, object]] = []
    for bound in sorted(set(bounds)):
        distance = (bound - abs(test.estimate)) / test.standard_error
        p = float(stats.t.sf(distance, test.df))
        rows.append(
            {"bound": bound, "p": p, "equivalent": p < SIGNIFICANT, "smallest_bound": smallest}
        )
    return rows
