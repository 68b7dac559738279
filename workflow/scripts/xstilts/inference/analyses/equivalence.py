"""What a null result excludes: two one-sided tests (Schuirmann 1987; Lakens 2017)."""

from collections.abc import Iterable

from mixed_models.denominator_df import Test

SIGNIFICANT = 0.05


def equivalence(test: Test, bounds: Iterable[float]) -> list[dict[str, object]]:
    """For each bound d: is the slope within (-d, d)?

    p is the larger of the two one-sided p-values; `smallest_bound` the smallest d for which the
    answer would be yes, the outer end of the 90 % interval.
    """
    smallest = max(-test.end(SIGNIFICANT), test.end(1 - SIGNIFICANT))
    rows: list[dict[str, object]] = []
    for bound in sorted(set(bounds)):
        p = max(test.above(bound), test.below(-bound))
        rows.append(
            {"bound": bound, "p": p, "equivalent": p < SIGNIFICANT, "smallest_bound": smallest}
        )
    return rows
