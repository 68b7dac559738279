"""What to take for each target over several encoders.

Chosen by the mean dev score over the encoders. A target that has no dev set is chosen, for each
encoder, by the mean gain with the others: so no encoder's test set has a say in its own choice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xstilts.report.advice import Advice, Taken, measured_gain
from xstilts.report.ties import BASELINE, tied_with

DEV, OTHERS = "dev", "other encoders"


@dataclass(frozen=True, kw_only=True)
class Choice(Taken):
    """What to take with any of the encoders, the gain being the mean over them.

    Attributes:
        better: with how many of the encoders the gain is above zero.
        chosen_on: `DEV` or `OTHERS`.
    """

    better: int = 0


def choose(
    targets: list[str],
    rivals: Mapping[str, pd.DataFrame],
    gains: pd.DataFrame,
    dyads: pd.DataFrame,
    errors: pd.DataFrame,
) -> list[Choice]:
    """One for each of `targets`.

    Args:
        targets: their names.
        rivals: rivals.tsv of each encoder, by name.
        gains: intermediate, target, language, seed (an encoder's number) and gain.
        dyads: what `dyad_gains.summarise` made of them.
        errors: errors over test items of the difference of two rows; may be empty.
    """
    dev = _mean_dev(rivals)
    return [_of(target, dev, gains, dyads, errors) for target in targets]


def _mean_dev(rivals: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """target, intermediate and mean dev score, of rows that every encoder has scored on dev."""
    scored = pd.concat(
        [table[["target", "intermediate", "dev_score"]] for table in rivals.values()]
    )
    grouped = scored.groupby(["target", "intermediate"])["dev_score"]
    means = grouped.mean()[grouped.count() == len(rivals)]
    return means.rename("dev_score").reset_index()


def _of(
    target: str, dev: pd.DataFrame, gains: pd.DataFrame, dyads: pd.DataFrame, errors: pd.DataFrame
) -> Choice:
    own = dyads[dyads["target"] == target].set_index("intermediate")
    if own.empty:
        return Choice(target=target)
    scores = dev[dev["target"] == target].set_index("intermediate")["dev_score"]
    scores = scores[[name for name in scores.index if name == BASELINE or name in own.index]]
    if len(scores.index.difference([BASELINE])):
        names = sorted(scores.index.difference([BASELINE]), key=lambda name: (-scores[name], name))
        beaten = BASELINE in scores.index and scores[BASELINE] >= scores[names[0]]
        return _told(target, names[0], beaten, DEV, own, gains, errors, dyads)
    return _by_others(target, gains, own, errors, dyads)


def _told(
    target: str,
    name: str,
    beaten: bool,
    chosen_on: str,
    own: pd.DataFrame,
    gains: pd.DataFrame,
    errors: pd.DataFrame,
    dyads: pd.DataFrame,
) -> Choice:
    row = own.loc[name]
    taken = BASELINE if beaten else name
    return Choice(
        target=target,
        taken=taken,
        **measured_gain(row),
        rival=name if beaten else "",
        better=int(row["seeds_better"]),
        chosen_on=chosen_on,
        tied=tied_with(taken, target, dyads, errors, gains),
    )


def _by_others(
    target: str, gains: pd.DataFrame, own: pd.DataFrame, errors: pd.DataFrame, dyads: pd.DataFrame
) -> Choice:
    wide = (
        gains[gains["target"] == target]
        .groupby(["seed", "intermediate"])["gain"]
        .mean()
        .unstack("intermediate")
        .dropna(axis=1)
    )
    if len(wide) < 2 or wide.empty:
        return Choice(target=target)
    chosen = [wide.drop(index=encoder).mean().idxmax() for encoder in wide.index]
    judged = [
        wide.drop(index=encoder).mean()[name] > 0
        for encoder, name in zip(wide.index, chosen, strict=True)
    ]
    names = list(dict.fromkeys(chosen))
    if len(names) == 1:
        return _told(target, names[0], not any(judged), OTHERS, own, gains, errors, dyads)
    values = [wide.loc[encoder, name] for encoder, name in zip(wide.index, chosen, strict=True)]
    taken = [name if good else BASELINE for name, good in zip(chosen, judged, strict=True)]
    return Choice(
        target=target,
        taken=" / ".join(dict.fromkeys(taken)),
        gain=float(np.mean([value * good for value, good in zip(values, judged, strict=True)])),
        better=int(np.sum(np.array(values) > 0)),
        chosen_on=OTHERS,
    )


COLUMNS = ["target", "encoder", "taken", "gain", "low", "high", "chosen_on"]


def rows(
    choices: list[Choice], of_encoders: Mapping[str, list[Advice]], over_all: str
) -> Iterator[dict[str, object]]:
    """Rows of tables/best.tsv: each target with `over_all` encoders, then with each of them.

    `of_encoders` has what to take with each, as `advice.advice` has it.
    """
    for number, choice in enumerate(choices):
        yield _row(choice, over_all)
        for name, own in of_encoders.items():
            yield _row(own[number], name)


def _row(row: Taken, encoder: str) -> dict[str, object]:
    return {
        "target": row.target,
        "encoder": encoder,
        "taken": row.taken,
        "gain": row.gain,
        "low": row.low,
        "high": row.high,
        "chosen_on": row.chosen_on,
    }
