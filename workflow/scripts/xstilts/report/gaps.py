"""What is missing from a study, and why, in sentences."""

from collections.abc import Iterable

import pandas as pd

from xstilts.report.names import ordered_languages, written


def dyad_status(index: pd.DataFrame) -> dict[tuple[str, str], str]:
    """(intermediate, target) -> `done` if any seed is, else the status of its first seed."""
    status: dict[tuple[str, str], str] = {}
    for row in index.itertuples():
        dyad = (row.intermediate, row.target)
        if row.status == "done" or dyad not in status:
            status[dyad] = row.status
    return status


def gap_sentences(
    index: pd.DataFrame,
    scores: pd.DataFrame,
    gains: pd.DataFrame,
    intermediates: list[str],
    targets: list[str],
) -> list[str]:
    """All that a reader might expect on the page and will not find there."""
    if index.empty and scores.empty:
        return ["No cell of this study has been run: every table and figure below is empty."]
    return [
        *_not_done(index, intermediates),
        *_absent(index, intermediates, targets),
        *_no_gains(gains, intermediates),
        *_languages(scores),
        *_seeds(index),
    ]


def _join(words: Iterable[str]) -> str:
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _not_done(index: pd.DataFrame, intermediates: list[str]) -> list[str]:
    failed = index[index["status"] != "done"]
    sentences = []
    for (name, status), rows in failed.groupby(["intermediate", "status"], sort=False):
        cells = [
            f"{written(target)} ({'seed' if len(seeds) == 1 else 'seeds'} {_join(map(str, seeds))})"
            for target, seeds in rows.groupby("target", sort=False)["seed"].unique().items()
        ]
        sentences.append(
            (name, f"{written(name)}: {status} on {_join(cells)}; left out of every number here.")
        )
    rank = {name: position for position, name in enumerate(intermediates)}
    return [text for name, text in sorted(sentences, key=lambda item: rank.get(item[0], -1))]


def _absent(index: pd.DataFrame, intermediates: list[str], targets: list[str]) -> list[str]:
    present = dyad_status(index)
    sentences = []
    for name in intermediates:
        absent = [target for target in targets if (name, target) not in present]
        if absent:
            where = "any target" if absent == targets else _join(map(written, absent))
            sentences.append(f"{written(name)}: no run for {where}.")
    return sentences


def _no_gains(gains: pd.DataFrame, intermediates: list[str]) -> list[str]:
    if not gains.empty:
        return []
    if "none" not in intermediates:
        return ["There are no gains: the study has no baseline (intermediate 'none')."]
    if intermediates == ["none"]:
        return ["There are no gains: the study has the baseline only, no intermediate task."]
    return ["There are no gains: no cell has both its own score and its baseline's."]


def _languages(scores: pd.DataFrame) -> list[str]:
    """Means over different languages do not compare, so a cell that lacks one is named."""
    sentences = []
    for target, rows in scores.dropna(subset=["value"]).groupby("target", sort=False):
        everywhere = set(rows["language"])
        for (name, seed), cell in rows.groupby(["intermediate", "seed"], sort=False):
            if lacking := everywhere - set(cell["language"]):
                codes = _join(ordered_languages(lacking))
                sentences.append(
                    f"{written(name)} on {written(target)}, seed {seed}: no score for {codes}; "
                    "its means are over the other languages."
                )
    return sentences


def _seeds(index: pd.DataFrame) -> list[str]:
    if index["seed"].nunique() != 1:
        return []
    return ["One seed only: no interval here says what another training run would give."]
