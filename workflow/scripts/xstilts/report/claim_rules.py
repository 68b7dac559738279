"""The rules by which a claim is held against gains, each a function to a figure and a verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xstilts.core.run_noise import stated_deviation
from xstilts.report import learned
from xstilts.report.dyad_gains import NORMAL_95, summarise
from xstilts.report.names import written

SUPPORTS, CONTRADICTS, CANNOT_TELL, NOT_RUN = "supports", "contradicts", "cannot tell", "not run"
INTERVAL_RULE = (
    "The interval of a mean or a difference of gains: half widths add up within a target, whose "
    "gains share test items and baseline, and are combined as independent between targets."
)
DRAWS, DRAW_SEED = 4000, 1
NO_EFFECT = 1.0  # points: a gain that is surely smaller counts as none

RULES = {
    "mean_gain": "Supports if the interval lies above zero and holds the published figure; "
    "contradicts if it does not hold the published figure; cannot tell if it holds both that and "
    "zero.",
    "difference": "Supports if the interval of the difference lies above zero, contradicts if it "
    "lies below, cannot tell if it holds zero.",
    "best_row": "As for a difference; what the best of several rows owes to luck is taken out: "
    "rows are drawn to their mean by the share of noise in them, and each draw has its own best.",
    "many_gain": "Supports if more than half of the intermediate tasks gain by more than their "
    "interval allows for chance; contradicts if at most half could, counting all whose interval "
    "reaches above zero; else cannot tell.",
    "none_gains": "Contradicts if an interval lies above zero; supports if every interval ends "
    f"below {NO_EFFECT:g} point; else cannot tell.",
    "design": "Supports if this study is made the same way; not run if it is made otherwise.",
}


@dataclass(frozen=True)
class ClaimInputs:
    """What the rules look at: gains, what they rest on, and how the study was made.

    Tables as in `ReportInputs`; `items` has target, language and n, the examples of a test set.
    `stated` is `inference.run_sd` of the config: how much scores vary between training runs.
    Where one is missing nothing is known of what it would say, and no verdict can stand on it.
    """

    gains: pd.DataFrame
    best: pd.DataFrame
    encoder: str
    stages: list[str]
    data: str
    errors: pd.DataFrame | None = None
    learning: pd.DataFrame | None = None
    index: pd.DataFrame | None = None
    run_learning: pd.DataFrame | None = None
    items: pd.DataFrame | None = None
    stated: Mapping[str, Any] | None = None

    @cached_property
    def dyads(self) -> pd.DataFrame:
        """Gains by pair of tasks, marked where one of their runs did not learn."""
        dyads = summarise(self.gains, self.errors, self.stated)
        if self.learning is None or self.index is None:
            return dyads.assign(unlearned="")
        reasons = learned.reasons(self.learning, self.index, self.run_learning)
        return learned.marked(dyads, reasons)

    @cached_property
    def one_seed(self) -> bool:
        """Whether some target's runs were made with one seed, and nothing tells of their noise."""
        rows = self.gains.dropna(subset=["gain"])
        runs = rows.groupby(["target", "intermediate"])["seed"].nunique().groupby("target").max()
        return any(stated_deviation(self.stated, name) is None for name in runs.index[runs < 2])


@dataclass(frozen=True)
class Finding:
    """A figure with its interval, a verdict, and a remark."""

    measured: float | str | None = None
    low: float = np.nan
    high: float = np.nan
    verdict: str = NOT_RUN
    note: str = ""


def combination(dyads: pd.DataFrame, weights: pd.Series) -> tuple[float, float, float]:
    """Weighted sum of gains with its 95 % interval.

    Within a target half widths add up, because all of its gains share test items and a baseline
    and may err together; targets have items of their own, so that their errors are combined as
    independent ones (root of the sum of squares).
    """
    estimate = float((dyads["gain"] * weights).sum())
    widths = weights.abs() * (dyads["high"] - dyads["low"]) / 2
    by_target = widths.groupby(dyads["target"]).apply(lambda part: part.sum(skipna=False))
    half = float(np.sqrt((by_target**2).sum(skipna=False)))
    return estimate, estimate - half, estimate + half


def mean_gain(dyads: pd.DataFrame) -> tuple[float, float, float]:
    """Mean of several gains with its interval."""
    return combination(dyads, pd.Series(1 / len(dyads), index=dyads.index))


def _size(estimate: tuple[float, float, float], published: str, note: str = "") -> Finding:
    mean, low, high = estimate
    if np.isnan(low):
        return Finding(mean, low, high, CANNOT_TELL, "no interval")
    figure = float(published)
    agrees = SUPPORTS if low > 0 else CANNOT_TELL
    verdict = agrees if low <= figure <= high else CONTRADICTS
    return Finding(mean, low, high, verdict, note)


def _difference(first: pd.DataFrame, second: pd.DataFrame, note: str = "") -> Finding:
    """Mean of the first gains minus mean of the second."""
    if first.empty or second.empty:
        return Finding()
    weights = [1 / len(first)] * len(first) + [-1 / len(second)] * len(second)
    both = pd.concat([first, second], ignore_index=True)
    estimate, low, high = combination(both, pd.Series(weights))
    verdict = SUPPORTS if low > 0 else CONTRADICTS if high < 0 else CANNOT_TELL
    return Finding(estimate, low, high, verdict, note)


def _mean_gain(about: list[str], published: str, evidence: ClaimInputs) -> Finding:
    rows = evidence.dyads[evidence.dyads["intermediate"] == about[0]]
    if rows.empty:
        return Finding()
    return _size(mean_gain(rows), published, f"over {len(rows)} targets")


def _best_row(about: list[str], _: str, evidence: ClaimInputs) -> Finding:
    single = _single(evidence.dyads)
    if single.empty:
        return Finding()
    mine = evidence.dyads[evidence.dyads["intermediate"] == about[0]]
    if mine.empty:
        return Finding()
    best = single.groupby("intermediate")["gain"].mean().idxmax()
    estimate, low, high = less_the_best(mine, single)
    verdict = SUPPORTS if low > 0 else CONTRADICTS if high < 0 else CANNOT_TELL
    return Finding(estimate, low, high, verdict, f"best single task here: {written(best)}")


def less_the_best(mine: pd.DataFrame, single: pd.DataFrame) -> tuple[float, float, float]:
    """Mean gain of one row less that of the best of others, with its 95 % interval.

    The best was found on the same numbers, so its own gain is partly luck. So rows are drawn to
    their common mean by the share of noise in them, and each draw from what they may then be has a
    best row of its own. How far rows differ is not known either: each draw has a spread of its own
    (Rubin 1981, Journal of Educational Statistics 6), from what their means' variance allows under
    a prior of variance^-2, which of those tried came nearest to the nominal level. Of studies in
    which the row equals the best of nine, 1 to 5 in 100 then say that it falls short and 1 to 5
    that it does better; with one spread for all draws 7 and 7. Errors of dyads count as
    independent: those that targets share would cancel in part, so that the interval is too wide
    rather than too narrow.
    """
    gain, error = _row_mean(mine)
    others = [_row_mean(row) for _, row in single.groupby("intermediate")]
    means, errors = (np.array(values) for values in zip(*others, strict=True))
    random = np.random.default_rng(DRAW_SEED)
    noise = random.normal(size=(DRAWS, 2 + len(means)))
    spread = _spreads(means, errors, random)
    # A single row was not chosen, so there is no luck to take out.
    own = np.ones(1) if len(means) == 1 else spread / np.maximum(spread + errors**2, 1e-12)
    expected = means.mean() + own * (means - means.mean())
    # What the rows have in common is known to the error of their mean.
    common_error = np.sqrt((spread + np.mean(errors**2)) / len(means))
    common = (1 - own) * noise[:, [1]] * common_error
    best = (expected + common + noise[:, 2:] * np.sqrt(own) * errors).max(axis=1)
    low, middle, high = np.quantile(gain + noise[:, 0] * error - best, [0.025, 0.5, 0.975])
    return float(middle), float(low), float(high)


def _spreads(means: np.ndarray, errors: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draws of the variance of rows' true means, (DRAWS, 1), given their estimates and errors."""
    squares = float(np.sum((means - means.mean()) ** 2))
    whole = squares / random.chisquare(len(means) + 1, size=(DRAWS, 1))
    return np.maximum(whole - np.mean(errors**2), 0.0)


def _row_mean(dyads: pd.DataFrame) -> tuple[float, float]:
    """Mean gain and its standard error."""
    errors = (dyads["high"] - dyads["low"]).to_numpy(float) / 2 / NORMAL_95
    return float(dyads["gain"].mean()), float(np.sqrt((errors**2).sum())) / len(dyads)


def _more_than_others(about: list[str], _: str, evidence: ClaimInputs) -> Finding:
    single = _single(evidence.dyads)
    named = single["target"].isin(about)
    return _difference(single[named], single[~named], "mean over single intermediate tasks")


def _column(target: str, evidence: ClaimInputs) -> pd.DataFrame:
    single = _single(evidence.dyads)
    return single[single["target"] == target]


def _many_gain(about: list[str], _: str, evidence: ClaimInputs) -> Finding:
    rows = _column(about[0], evidence)
    if rows.empty:
        return Finding()
    surely, perhaps, half = (rows["low"] > 0).sum(), (rows["high"] > 0).sum(), len(rows) / 2
    verdict = SUPPORTS if surely > half else CONTRADICTS if perhaps <= half else CANNOT_TELL
    return Finding(f"{surely} of {len(rows)} gain", verdict=verdict)


def _none_gains(about: list[str], _: str, evidence: ClaimInputs) -> Finding:
    rows = _column(about[0], evidence)
    if rows.empty:
        return Finding()
    gaining = int((rows["low"] > 0).sum())
    small = bool((rows["high"] < NO_EFFECT).all())
    verdict = CONTRADICTS if gaining else SUPPORTS if small else CANNOT_TELL
    return Finding(f"{gaining} of {len(rows)} gain", verdict=verdict)


def _best_per_target(_: list[str], published: str, evidence: ClaimInputs) -> Finding:
    best = evidence.best.dropna(subset=["gain"])
    if best.empty:
        return Finding()
    dyads = best[["target", "intermediate"]].merge(evidence.dyads, on=["target", "intermediate"])
    # The gain of `best` is on XTREME's scale (mean of F1 and exact match), the width on F1's.
    low, high = mean_gain(dyads)[1:]
    mean, half = best["gain"].mean(), (high - low) / 2
    note = f"over {len(best)} targets"
    return _size((mean, mean - half, mean + half), published, note)


def _better_than_variant(about: list[str], _: str, evidence: ClaimInputs) -> Finding:
    dyads = evidence.dyads
    ending = f"+{about[0]}"
    variant = dyads[dyads["intermediate"].str.endswith(ending)]
    plain = variant.assign(intermediate=variant["intermediate"].str.removesuffix(ending))
    pairs = plain[["intermediate", "target"]].merge(dyads, on=["intermediate", "target"])
    note = ", ".join(written(name) for name in pairs["intermediate"].unique())
    return _difference(pairs, variant, note)


def _single(dyads: pd.DataFrame) -> pd.DataFrame:
    names, targets = (dyads[side].astype(str) for side in ("intermediate", "target"))
    varied = names.str.contains("[+@]") | targets.str.contains("@", regex=False)
    return dyads[~varied & (names != "multitask")]


def _encoder(about: list[str], _: str, evidence: ClaimInputs) -> Finding:
    same = evidence.encoder.lower() in about
    return Finding(evidence.encoder, verdict=SUPPORTS if same else NOT_RUN)


def _phases(about: list[str], published: str, evidence: ClaimInputs) -> Finding:
    finished = sum(stage in evidence.stages for stage in about)
    return Finding(str(finished), verdict=SUPPORTS if str(finished) == published else NOT_RUN)


def _task_count(_: list[str], published: str, evidence: ClaimInputs) -> Finding:
    tasks = str(_single(evidence.dyads)["intermediate"].nunique())
    return Finding(tasks, verdict=SUPPORTS if tasks == published else NOT_RUN)


FINDERS: dict[str, Callable[[list[str], str, ClaimInputs], Finding]] = {
    "mean_gain": _mean_gain, "best_row": _best_row, "more_than_others": _more_than_others,
    "many_gain": _many_gain, "none_gains": _none_gains, "best_per_target": _best_per_target,
    "better_than_variant": _better_than_variant, "encoder": _encoder, "phases": _phases,
    "task_count": _task_count,
}  # fmt: skip
"""Name of a rule in resources/claims.tsv -> the rule."""
