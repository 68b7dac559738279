"""How often the intervals of `predict` hold for targets and languages never seen.

Simulates studies of a chosen shape together with more target tasks and languages, which the study
does not see; predicts them; and counts how many of their gains lie in their interval, on average
over the studies. Components are in points: see SCENARIOS.

    python benchmarks/conformal_coverage.py --studies 200

takes about two seconds of one core a study and scenario at 9 x 9 x 18, and writes the section
"conformal" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow" / "scripts"))

from readme import put_section, table

from xstilts.inference.prediction.covariates import LANGUAGE_COLUMNS, ROW
from xstilts.inference.prediction.expected_gains import StudyData

# Standard deviations: of intermediate tasks, target tasks, dyads, languages, target by language,
# single rows; then the slope on similarity, the slope on size, the standard deviation of the
# logarithm of a target's scale, and degrees of freedom of the tails (none: Gaussian).
USUAL = {
    "intermediate": 1.0,
    "target": 1.5,
    "dyad": 1.2,
    "language": 0.5,
    "cell": 0.7,
    "row": 0.8,
    "similarity": 0.5,
    "size": -0.3,
    "log_scale": 0.0,
    "tails": None,
}
# Target tasks and languages that a simulated study does not see.
NEW = 5
SCENARIOS = {
    "usual": {},
    "targets on scales of their own": {"log_scale": 0.8},
    "heavy tails": {"tails": 3},
    "nothing to learn": {"intermediate": 0, "dyad": 0, "similarity": 0, "size": 0},
    "similarity decides": {"dyad": 0.3, "similarity": 2.0},
    "few languages of great difference": {"language": 2.0, "size": -1.5},
}


def simulate(shape: tuple[int, int, int], components: dict, seed: int) -> tuple[pd.DataFrame, ...]:
    """Gains, similarities and the language table of shape intermediates x targets x languages."""
    draw = np.random.default_rng(seed)
    intermediates, targets, languages = shape
    parts = USUAL | components

    def effect(name: str, *size: int) -> np.ndarray:
        tails = parts["tails"]
        values = draw.normal(size=size) if tails is None else draw.standard_t(tails, size=size)
        return parts[name] * values

    # Similarity is mostly a matter of either task; only a fifth of its variance is the dyad's own.
    similarity = np.sqrt(0.4) * draw.normal(size=(intermediates, 1))
    similarity = similarity + np.sqrt(0.4) * draw.normal(size=targets)
    similarity += np.sqrt(0.2) * draw.normal(size=(intermediates, targets))
    size, distance = draw.normal(size=languages), draw.uniform(0.3, 0.7, size=languages)
    gains = (1 + parts["similarity"] * similarity)[:, :, None] + parts["size"] * size
    gains = gains + effect("intermediate", intermediates)[:, None, None]
    gains += effect("target", targets)[:, None] + effect("language", languages)
    gains += effect("dyad", intermediates, targets)[:, :, None]
    gains += effect("cell", targets, languages) + effect("row", *shape)
    gains *= np.exp(parts["log_scale"] * draw.normal(size=targets))[:, None]
    names = [
        [f"{letter}{n:02}" for n in range(count)]
        for letter, count in zip("itl", shape, strict=True)
    ]
    index = pd.MultiIndex.from_product(names, names=ROW)
    dyads = pd.MultiIndex.from_product(names[:2], names=ROW[:2])
    table = {"language": names[2], "in_pretraining": 1.0, "pretraining_GiB": 10.0 ** (1 + size)}
    return (
        pd.Series(gains.ravel(), index, name="gain").reset_index(),
        pd.Series(similarity.ravel(), dyads, name="similarity").reset_index(),
        pd.DataFrame(table | {LANGUAGE_COLUMNS[-1]: distance}),
    )


def study(shape: tuple[int, int, int], components: dict, seed: int, confidence: float) -> dict:
    """Shares of rows inside their interval, and the intervals' mean width, for one study."""
    gains, similarity, languages = simulate(
        (shape[0], shape[1] + NEW, shape[2] + NEW), components, seed
    )
    targets = sorted(gains["target"].unique())[shape[1] :]
    new = sorted(gains["language"].unique())[shape[2] :]
    seen = gains[~gains["target"].isin(targets) & ~gains["language"].isin(new)]
    known = similarity[~similarity["target"].isin(targets)]
    evidence = StudyData(seen, known, languages, confidence=confidence)
    own = {name: rows.drop(columns="target") for name, rows in similarity.groupby("target")}
    expected = {
        "new target": pd.concat([evidence.for_target(name, own[name]) for name in targets]),
        "new language": evidence.in_languages(new),
        "new target, new language": pd.concat(
            [evidence.for_target(name, own[name], new) for name in targets]
        ),
    }
    found = {}
    for name, rows in expected.items():
        both = rows.merge(gains, on=ROW, suffixes=("", "_true"))
        found[name] = float(both["gain_true"].between(both["low"], both["high"]).mean())
        found[f"width, {name}"] = float((rows["high"] - rows["low"]).mean())
    table = evidence.coverage()
    for scheme, rows in table.groupby("scheme"):
        found[scheme] = float(rows["covered"].sum() / rows["rows"].sum())
    return found


def measure(
    shape: tuple[int, int, int], studies: int, seed: int, confidence: float
) -> pd.DataFrame:
    """Mean coverage over the studies with its Monte-Carlo error, and median width, by scenario."""
    rows = []
    for scenario, components in SCENARIOS.items():
        found = pd.DataFrame(
            [study(shape, components, seed + n, confidence) for n in range(studies)]
        )
        for name in [name for name in found if not name.startswith("width")]:
            rows.append(
                {
                    "scenario": scenario,
                    "predicted": name,
                    "coverage": found[name].mean(),
                    "monte_carlo_error": found[name].std() / np.sqrt(studies),
                    "median_width": found.get(f"width, {name}", pd.Series([np.nan])).median(),
                }
            )
    return pd.DataFrame(rows)


def section(found: pd.DataFrame, shape: tuple[int, int, int], studies: int, level: float) -> str:
    """Coverage as a table of scenarios by what was predicted."""
    predicted = list(found["predicted"].unique())
    rows = []
    for scenario, own in found.groupby("scenario", sort=False):
        cells = own.set_index("predicted")
        shares = (100 * cells[["coverage", "monte_carlo_error"]]).loc[predicted]
        rows.append([scenario, *(f"{mean:.1f} ± {error:.1f}" for mean, error in shares.to_numpy())])
    sizes = " x ".join(map(str, shape))
    return f"""## Coverage of predicted gains

Per cent of gains inside their {100 * level:.0f} % conformal interval, mean of {studies} simulated
studies ({sizes} languages) and its Monte-Carlo error. The first columns are targets and
languages that the study never saw; the last are the study's own check, each left out in turn.

{table(["truth", *(name.replace("_", " ") for name in predicted)], rows)}

Made by `python benchmarks/conformal_coverage.py --studies {studies}`.
"""


def main() -> None:
    """Simulate, predict, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", nargs=3, type=int, default=[9, 9, 18])
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--confidence", type=float, default=0.9)
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    chosen = parser.parse_args()
    shape, studies, level = tuple(chosen.shape), chosen.studies, chosen.confidence
    text = section(measure(shape, studies, chosen.seed, level), shape, studies, level)
    print(text)
    if not chosen.show:
        put_section("conformal", text)


if __name__ == "__main__":
    main()
