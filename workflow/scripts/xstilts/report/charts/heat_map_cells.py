"""What is written on the cells of the heat map of gains, on paper and on the page."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from xstilts.report.charts.theme import colour_limit, colour_of, ink_on
from xstilts.report.formats import interval, number
from xstilts.report.names import written

FACTS = {
    "pair": "gain of", "gain_text": "gain", "interval": "95 % interval", "score": "score",
    "baseline": "baseline", "languages": "languages", "seeds": "seeds", "remark": "remark",
    "run": "run",
}  # fmt: skip
"""Column -> its name where a cell is told in full."""


def heat_map_cells(
    dyads: pd.DataFrame,
    languages: pd.DataFrame,
    runs: pd.DataFrame,
    intermediates: list[str],
    targets: list[str],
    status: Mapping[tuple[str, str], str],
) -> pd.DataFrame:
    """One row per cell of the heat map, in its order, with all that is written on it.

    `dyads` as `ReportInputs.dyads`, `languages` as from `dyad_gains.by_language`, `runs` with
    intermediate, target, seed, run, link, `status` as from `gaps.dyad_status`; the baseline is no
    row of it.
    """
    limit = colour_limit(dyads["gain"])
    means = dyads.groupby("intermediate")["gain"].mean()
    levels = languages.groupby(["intermediate", "target"])[["score", "baseline"]].mean()
    named = runs.groupby(["intermediate", "target"])["run"].agg(", ".join)
    known = {(row.intermediate, row.target): row for row in dyads.itertuples()}
    cells = []
    for name in [name for name in intermediates if name != "none"]:
        for target in targets:
            dyad = (name, target)
            cell = _empty(name, target, status.get(dyad, "missing"))
            cell |= {"mean": means.get(name, -1e6), "run": named.get(dyad, "–")}
            if measured := known.get(dyad):
                cell |= _measured(measured, levels.loc[dyad], limit)
            cells.append(cell)
    return pd.DataFrame(cells)


def _empty(name: str, target: str, state: str) -> dict[str, Any]:
    diverged = state == "diverged"
    return {
        "intermediate": name, "target": target, "row": written(name), "column": written(target),
        "pair": f"{written(name)} → {written(target)}", "sign": "×" if diverged else "–",
        "gain": float("nan"), "told": False, "same_data": False, "learned": True,
        "gain_text": "–", "label": "–", "interval": "–", "score": "–", "baseline": "–",
        "languages": 0, "seeds": 0, "ink": "", "colour": "",
        "remark": "training diverged" if diverged else "no result",
    }  # fmt: skip


def _measured(dyad: Any, level: pd.Series, limit: float) -> dict[str, Any]:
    gain = number(dyad.gain, signed=True)
    return {
        "gain": dyad.gain, "told": bool(dyad.excludes_zero), "same_data": bool(dyad.same_data),
        "learned": not dyad.unlearned, "ink": ink_on(dyad.gain, limit),
        "colour": colour_of(dyad.gain, limit), "gain_text": gain,
        "label": f"{gain} †" if dyad.unlearned else gain,
        "interval": interval(dyad.low, dyad.high) or "unknown",
        "score": number(level["score"]), "baseline": number(level["baseline"]),
        "languages": dyad.languages, "seeds": dyad.seeds,
        "remark": "; ".join(remarks(dyad)) or "–",
    }  # fmt: skip


def remarks(dyad: Any) -> list[str]:
    """What a reader of a dyad's gain has to know besides."""
    remarks = [] if dyad.excludes_zero else ["interval includes zero"]
    remarks += [f"† {dyad.unlearned}"] if dyad.unlearned else []
    remarks += ["trained on the target's own training data"] if dyad.same_data else []
    return remarks + (["unlike numerics"] if dyad.unlike_numerics else [])
