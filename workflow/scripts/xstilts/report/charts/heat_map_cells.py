"""What is written on the cells of the heat map of gains."""

from collections.abc import Mapping

import pandas as pd

from xstilts.report.charts.theme import colour_limit, ink_on
from xstilts.report.formats import interval, number
from xstilts.report.names import written


def heat_map_cells(
    dyads: pd.DataFrame,
    languages: pd.DataFrame,
    runs: pd.DataFrame,
    intermediates: list[str],
    targets: list[str],
    status: Mapping[tuple[str, str], str],
) -> pd.DataFrame:
    """One row per cell of the heat map, in its order, with all that is written on it."""
    names = [name for name in intermediates if name != "none"]
    limit = colour_limit(dyads["gain"])
    means = dyads.groupby("intermediate")["gain"].mean()
    levels = languages.groupby(["intermediate", "target"])[["score", "baseline"]].mean()
    named = runs.groupby(["intermediate", "target"])["run"].agg(", ".join)
    known = {(row.intermediate, row.target): row for row in dyads.itertuples()}
    cells = []
    for position, name in enumerate(names):
        for target in targets:
            dyad = (name, target)
            state = status.get(dyad, "missing")
            cell = {
                "intermediate": name, "target": target, "row": written(name),
                "column": written(target), "position": position, "mean": means.get(name, -1e6),
                "pair": f"{written(name)} → {written(target)}", "run": named.get(dyad, "–"),
                "sign": "×" if state == "diverged" else "–", "gain": float("nan"), "told": False,
                "same_data": False, "gain_text": "–", "interval": "–", "score": "–",
                "baseline": "–", "languages": 0, "seeds": 0, "ink": "",
                "remark": "training diverged" if state == "diverged" else "no result",
            }  # fmt: skip
            if found := known.get(dyad):
                level = levels.loc[dyad]
                cell |= {
                    "gain": found.gain, "told": bool(found.excludes_zero),
                    "same_data": bool(found.same_data), "ink": ink_on(found.gain, limit),
                    "gain_text": number(found.gain, signed=True),
                    "interval": interval(found.low, found.high) or "unknown",
                    "score": number(level["score"]), "baseline": number(level["baseline"]),
                    "languages": found.languages, "seeds": found.seeds,
                    "remark": "; ".join(_remarks(found)) or "–",
                }  # fmt: skip
            cells.append(cell)
    return pd.DataFrame(cells)


def _remarks(dyad: tuple) -> list[str]:
    told = [] if dyad.excludes_zero else ["interval includes zero"]
    told += ["trained on the target's own training data"] if dyad.same_data else []
    return told + (["unlike numerics"] if dyad.unlike_numerics else [])
