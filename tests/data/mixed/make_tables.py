"""Simulates the tables that lme4, lmerTest and pbkrtest are run on: `python make_tables.py`.

All have the shape of the study: tasks crossed with tasks, and with languages of the targets.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
TASKS = ["anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa", "csqa"]
TARGETS = ["xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"]
LANGUAGES = [15, 7, 33, 40, 11, 7, 9, 5, 37]
FEW = [5, 4, 6, 6, 4, 5, 4, 4, 6]


def dyads(
    random: np.random.Generator, *, slope: float = 0.6, tasks: list[str] = TASKS
) -> pd.DataFrame:
    """81 dyads; the slope of similarity differs between intermediate and between target tasks."""
    table = pd.MultiIndex.from_product([tasks, TARGETS], names=["intermediate", "target"])
    table = table.to_frame(index=False)
    rows = {name: i for i, name in enumerate(tasks)}
    columns = {name: i for i, name in enumerate(TARGETS)}
    i, t = table["intermediate"].map(rows), table["target"].map(columns)
    n, size = len(tasks), len(table)
    similarity = random.normal(size=n)[i] + random.normal(size=9)[t] + random.normal(size=size)
    table["similarity"] = similarity / np.std(similarity)
    table["log_size"] = random.normal(5.5, 0.6, size=n)[i]
    slopes = 0.5 + slope * random.normal(size=n)[i] + slope * random.normal(size=9)[t]
    table["gain"] = (
        random.normal(0, 1.0, n)[i]
        + random.normal(0, 1.5, 9)[t]
        + slopes * table["similarity"]
        + random.normal(0, 1.0, size)
    )
    return table.round({"similarity": 6, "log_size": 6, "gain": 6})


def rows(
    random: np.random.Generator,
    languages: list[int],
    *,
    slope_low: float = 0.0,
    tasks: list[str] = TASKS,
) -> pd.DataFrame:
    """One row per intermediate task, target task and language, with crossed random effects."""
    names = [f"l{k:02d}" for k in range(max(languages))]
    low = random.normal(size=len(names))
    of_language = random.normal(0, 0.5, len(names))
    chosen = {
        target: sorted(random.choice(len(names), size=count, replace=False))
        for target, count in zip(TARGETS, languages, strict=True)
    }
    pairs = {(t, k): random.normal(0, 0.7) for t, several in chosen.items() for k in several}
    found = []
    for dyad in dyads(random, slope=0.0, tasks=tasks).itertuples():
        slope = 0.3 + random.normal(0, slope_low) + 0.2 * dyad.similarity
        for k in chosen[dyad.target]:
            gain = dyad.gain + of_language[k] + pairs[dyad.target, k] + slope * low[k]
            gain += random.normal(0, 0.8)
            found.append((dyad.intermediate, dyad.target, names[k], dyad.similarity, low[k], gain))
    columns = ["intermediate", "target", "language", "similarity", "low_resource", "gain"]
    return pd.DataFrame(found, columns=columns).round(6)


def texts(random: np.random.Generator) -> pd.DataFrame:
    """Two text predictors that interact; level names are out of sort order in the file."""
    table = rows(random, FEW)
    kinds = {"xnli": "pair", "pawsx": "pair", "pos": "tag", "ner": "tag"}
    table["kind"] = table["target"].map(kinds).fillna("span")
    table["script"] = table["language"].map(lambda name: "Latin" if int(name[1:]) % 2 else "Arab")
    table["gain"] += 0.8 * (table["kind"] == "tag") * (table["script"] == "Latin")
    return table.round(6)


def correlated(random: np.random.Generator) -> pd.DataFrame:
    """Intercepts and slopes of a task go together; `size` are weights."""
    sources = [*TASKS, "copa", "sst", "mrpc"]
    levels = [sources, TARGETS, ["pair", "span", "tag"]]
    table = pd.MultiIndex.from_product(levels, names=["intermediate", "target", "kind"])
    table = table.to_frame(index=False)
    i, t, k = (pd.factorize(table[name])[0] for name in table)
    n = len(table)
    # Of intercept, slope of similarity and slope of low, and of intercept and slope of targets.
    root = np.linalg.cholesky([[1.0, 0.5, -0.3], [0.5, 0.8, 0.1], [-0.3, 0.1, 0.4]])
    of_source = (random.normal(size=(len(sources), 3)) @ root.T)[i]
    of_target = (random.normal(size=(9, 2)) @ np.array([[0.9, 0.0], [-0.4, 0.5]]).T)[t]
    of_kind = random.normal(0, 0.5, size=(len(sources), 3))[i, k] + np.array([0.0, 0.6, -0.3])[k]
    table["similarity"] = random.normal(size=9)[t] + random.normal(size=n)
    table["low"] = random.normal(size=n)
    table["size"] = random.integers(1, 9, size=n)
    slope = 0.3 + of_source[:, 1] + of_target[:, 1]
    table["gain"] = of_source[:, 0] + of_target[:, 0] + of_kind + slope * table["similarity"]
    table["gain"] += of_source[:, 2] * table["low"] + 0.1 * table["similarity"] ** 2
    table["gain"] += random.normal(size=n) * 2 / np.sqrt(table["size"])
    return table.sample(frac=0.8, random_state=2).sort_index().round(6)


def main() -> None:
    random = np.random.default_rng(20201)
    tables = {"dyads": dyads(random)}
    zero = dyads(random, slope=0.0)
    # Intermediate tasks' means are made equal, so that their variance is estimated zero.
    zero["gain"] -= zero.groupby("intermediate")["gain"].transform("mean")
    tables["zero_component"] = zero.round(6)
    missing = dyads(random, slope=0.3)
    missing.loc[random.choice(81, size=14, replace=False), "gain"] = np.nan
    tables["missing_dyads"] = missing
    fractions = dyads(random)
    fractions["gain"] = (0.5 + 0.01 * fractions["gain"]).round(8)
    tables["fractions"] = fractions
    tables["random_slope"] = rows(random, [6] * 9, slope_low=0.5)
    tables["crossed_small"] = rows(random, FEW)
    large = rows(random, LANGUAGES, tasks=[*TASKS, "multitask"])
    tables["crossed_large"] = large.sample(frac=1.0, random_state=1)
    tables["texts"] = texts(random)
    tables["correlated"] = correlated(random)
    for name, table in tables.items():
        table.to_csv(HERE / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
