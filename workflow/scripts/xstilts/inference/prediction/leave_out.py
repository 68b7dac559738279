"""Leaving out every target task or every language in turn, and what follows for new ones.

The errors that a model makes on what it never saw calibrate the intervals (see `conformal`) and
show how often they hold.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from xstilts.inference.prediction.conformal import attainable, threshold
from xstilts.inference.prediction.expectation import Expectation, expectation

# The errors of a target in few languages are mixed with those of all, as if it had so many more.
BORROWED_LANGUAGES = 3


@dataclass(frozen=True, eq=False)
class LeaveOut:
    """What a study says of groups that it has not: of a new target task, or a new language.

    `rows` has one row per intermediate, target and language, with a unique index and the columns
    of `expectation`; `group` is the column that is left out level by level. Rows whose `same_data`
    holds are predicted, but nothing is learned from them.

    `hidden` is a further column that predictions do not use (`language`, for a new target in a new
    language). `by_target` measures errors in units of the target's own, as is possible for a new
    language of a known target; wide intervals then stay with the targets that are hard to predict.

    `models` keeps what was learned without each group, and from all of them under "", for use by
    copies that differ in `hidden` alone.
    """

    rows: pd.DataFrame
    group: str
    hidden: str | None = None
    by_target: bool = False
    models: dict[str, Expectation] = field(default_factory=dict)

    @cached_property
    def groups(self) -> list[str]:
        """What is left out in turn."""
        return sorted(self._learned[self.group].unique())

    @cached_property
    def left_out(self) -> pd.Series:
        """Gain of each row, in points, as expected without its group."""
        predicted = pd.Series(np.nan, index=self.rows.index)
        for group in self.groups:
            out = self.rows[self.group] == group
            predicted[out] = self._expect(self.rows[out], without=group)
        return predicted

    def new(self, rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
        """`rows` of new groups with gain, low, high (points) and the confidence.

        The confidence is lower than asked for where so few groups allow no better (`attainable`).
        """
        reached = attainable(len(self.groups), confidence)
        width = threshold(list(self._errors.values()), reached) * self._units(rows["target"])
        return _with_interval(rows, self._expect(rows), width, reached)

    def known(self, confidence: float) -> pd.DataFrame:
        """The study's own rows, each as all other groups predict it; columns as of `new`."""
        reached = attainable(len(self.groups) - 1, confidence)
        parts = []
        for group in self.groups:
            rows = self.rows[self.rows[self.group] == group]
            others = [errors for name, errors in self._errors.items() if name != group]
            width = threshold(others, reached) * self._units(rows["target"], group)
            parts.append(_with_interval(rows, self.left_out[rows.index], width, reached))
        return pd.concat(parts)

    def coverage(self, confidence: float) -> pd.DataFrame:
        """scheme, held_out, rows, covered (how many lie in their interval) and nominal share."""
        intervals = self.known(confidence).loc[self._learned.index]
        inside = self._learned["gain"].between(intervals["low"], intervals["high"])
        counts = inside.groupby(self._learned[self.group]).agg(["size", "sum"])
        return pd.DataFrame(
            {
                "scheme": f"leave_one_{self.group}_out",
                "held_out": counts.index,
                "rows": counts["size"].to_numpy(),
                "covered": counts["sum"].to_numpy(),
                "nominal": attainable(len(self.groups) - 1, confidence),
            }
        )

    @cached_property
    def _learned(self) -> pd.DataFrame:
        return self.rows[~self.rows["same_data"]]

    def _expect(self, rows: pd.DataFrame, without: str = "") -> np.ndarray:
        if without not in self.models:
            kept = self._learned[self.group] != without
            self.models[without] = expectation(self._learned[kept])
        hidden = {} if self.hidden is None else {self.hidden: ""}
        return self.models[without].gains(rows.assign(**hidden))

    @cached_property
    def _errors(self) -> dict[str, np.ndarray]:
        """Absolute errors by group, in units of the target where `by_target`."""
        by_group = {}
        for group in self.groups:
            rows = self._learned[self._learned[self.group] == group]
            errors = (rows["gain"] - self.left_out[rows.index]).abs().to_numpy(float)
            by_group[group] = errors / self._units(rows["target"], group)
        return by_group

    def _units(self, targets: pd.Series, without: str | None = None) -> np.ndarray:
        """(n,) Points to an error of one, for each of `targets`, from all groups but `without`."""
        if not self.by_target:
            return np.ones(len(targets))
        rows = self._learned[self._learned[self.group] != without]
        squares = (rows["gain"] - self.left_out[rows.index]) ** 2
        pooled = squares.mean()
        if pooled == 0:
            return np.ones(len(targets))
        languages = rows.groupby("target")["language"].nunique()
        own = squares.groupby(rows["target"]).mean() * languages
        mixed = (own + BORROWED_LANGUAGES * pooled) / (languages + BORROWED_LANGUAGES)
        return np.sqrt(targets.map(mixed).fillna(pooled).to_numpy(float))


def _with_interval(
    rows: pd.DataFrame, gains: np.ndarray, width: np.ndarray, confidence: float
) -> pd.DataFrame:
    gains = np.asarray(gains, dtype=float)
    return rows.assign(gain=gains, low=gains - width, high=gains + width, confidence=confidence)
