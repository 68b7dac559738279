"""Are the p-values and intervals of the inference true? Simulated studies where we know.

    python benchmarks/calibration.py --studies 400 --processes 2

About half a second a study and core, `--low-resource` two seconds more. Writes the section
"calibration" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

# Many small fits: one thread each, and one process per core.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import numpy as np
from readme import put_section
from scenarios import NULL, Scenario, simulate

from xstilts.inference.analyses.crossed import NAIVE, fit_rows, naive_test
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads, permute
from xstilts.inference.analyses.low_resource import dyad_contrasts, fit_interaction, with_languages
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity

PERMUTATIONS = 499
# Seeds of relabellings are none of the seeds of studies, whose numbers they would repeat.
RELABELLING = 1_000_000
SPREAD = Scenario(slope_spread=0.4)
SCENARIOS = {
    **{f"{name}, no slope": scenario for name, scenario in NULL.items()},
    "slopes differ between tasks, mean 0": SPREAD,
    "N2 of three factors, no slope": replace(NULL["N2"], factors=3, embedding=8),
    "families pair by pair, no slope": replace(NULL["N1"], family_pairs=True),
    "N1, slope 0.5": replace(NULL["N1"], slope=0.5),
    "N2, slope 0.5": replace(NULL["N2"], slope=0.5),
    "N3, slope 0.5": replace(NULL["N3"], slope=0.5),
    "slopes differ between tasks, mean 0.8": replace(SPREAD, slope=0.8),
}
MEANINGS = {
    "N1": "independent dyad effects",
    "N2": "dyad effects of five latent factors, similarity a cosine of vectors",
    "N3": "gains of unlike scale between targets",
    "N4": "no dyad effects at all",
    "N5": "dyads with slopes of their own over the languages' pretraining size",
    "N6": "families of tasks, heavy tails",
}
INTERACTIONS = {
    "no interaction": NULL["N5"],
    "no interaction, tasks' slopes differ too": replace(NULL["N5"], task_resource_slopes=0.3),
    "interaction 0.25": replace(NULL["N5"], interaction=0.25),
}


def tables(scenario: Scenario, seed: int):
    """Rows, dyads and rows in the dyads' units of one simulated study."""
    study = simulate(scenario, seed)
    rows = seed_means(study.gains)
    table, _ = dyads(rows, task_similarity(study.similarity, "text_embedding"))
    return study, table, standardised_rows(rows, table)


def true_slope(scenario: Scenario, table) -> float | None:
    """Mean slope in the units of the tests; unknown where targets' scales are drawn too."""
    if scenario.scale_spread:
        return None
    return scenario.slope * float((1 / table.groupby("target")["gain_scale"].first()).mean())


def one_study(scenario: Scenario, seed: int) -> dict[str, float]:
    """The p-value of every method, and whether the headline's interval holds the truth."""
    _, table, by_row = tables(scenario, seed)
    headline = fit_dyads(table)
    test = headline.kenward_roger(SIMILARITY)
    (relabelled,) = permute(
        table, "gain_scaled", [SIMILARITY], permutations=PERMUTATIONS, seed=RELABELLING + seed
    )
    naive = naive_test(fit_rows(by_row, NAIVE))
    truth = true_slope(scenario, table)
    covered = np.nan if truth is None else float(test.low <= truth <= test.high)
    return {
        "headline": test.p,
        "satterthwaite": headline.satterthwaite(SIMILARITY).p,
        "no slopes": fit_dyads(table, slopes=False).kenward_roger(SIMILARITY).p,
        "mrqap": relabelled.p,
        "naive": naive.p,
        "covered": covered,
        "df": test.df,
    }


def one_interaction(scenario: Scenario, seed: int) -> dict[str, float]:
    """The p-values of the low-resource tests of one simulated study."""
    study, table, by_row = tables(scenario, seed)
    moderator = "log10_pretraining_size"
    known = with_languages(by_row, study.languages)
    rows = fit_interaction(known, moderator).kenward_roger(f"similarity:{moderator}")
    contrasts = dyad_contrasts(known, table, moderator)
    second = fit_dyads(contrasts, "contrast").kenward_roger(SIMILARITY)
    (relabelled,) = permute(
        contrasts, "contrast", [SIMILARITY], permutations=PERMUTATIONS, seed=RELABELLING + seed
    )
    return {"headline": rows.p, "contrasts": second.p, "mrqap": relabelled.p}


def share(results: Iterable[dict[str, float]], method: str) -> str:
    """Per cent of studies with p <= 0.05."""
    return f"{100 * np.mean([each[method] <= 0.05 for each in results]):.1f}"


def table_of(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(studies: int, low_resource: int, processes: int) -> str:
    """The section, in Markdown."""
    with ProcessPoolExecutor(processes) as pool:

        def run(function, scenario: Scenario, count: int) -> list[dict[str, float]]:
            return list(pool.map(partial(function, scenario), range(1, count + 1), chunksize=5))

        methods = ["headline", "satterthwaite", "no slopes", "mrqap", "naive"]
        rows = []
        for name, scenario in SCENARIOS.items():
            found = run(one_study, scenario, studies)
            covered = 100 * np.mean([each["covered"] for each in found])
            shares = [share(found, method) for method in methods]
            coverage = "–" if np.isnan(covered) else f"{covered:.1f}"
            rows.append([name, *shares, coverage, f"{np.median([e['df'] for e in found]):.1f}"])
        interactions = []
        for name, scenario in INTERACTIONS.items() if low_resource else ():
            found = run(one_interaction, scenario, low_resource)
            names = ("headline", "contrasts", "mrqap")
            interactions.append([name, *(share(found, method) for method in names)])
    margin = 100 * np.sqrt(0.05 * 0.95 / studies)
    text = f"""## Calibration of the inference

Per cent of {studies} simulated studies (9 x 9 tasks, 164 target-language pairs, one seed) in which
a test says p <= 0.05; Monte-Carlo standard error {margin:.1f} at 5 %. Without a slope that is the
rate of false positives, with one it is the power. Slopes are in dyad standard deviations per
standard deviation of similarity, a fifth of whose variance is the dyads' own.
{"; ".join(f"{name}: {meaning}" for name, meaning in MEANINGS.items())}.

"""
    header = [
        "truth", "**headline** (Kenward-Roger)", "Satterthwaite", "without random slopes",
        "permutation (MRQAP)", "naive model of rows", "coverage of 95 % interval", "median df",
    ]  # fmt: skip
    text += table_of(header, rows)
    if interactions:
        header = ["truth", "model of rows", "model of dyads' contrasts", "permutation"]
        text += f"""

The low-resource interaction (similarity x log10 pretraining size), {low_resource} studies each;
every dyad has a slope of its own over the languages (standard deviation 0.5).

"""
        text += table_of(header, interactions)
    return f"{text}\n\nMade by `python benchmarks/calibration.py`."


def main() -> None:
    """Simulate, test, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=400, help="studies per scenario")
    parser.add_argument(
        "--low-resource", type=int, default=0, help="studies per low-resource scenario"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    chosen = parser.parse_args()
    text = report(chosen.studies, chosen.low_resource, chosen.processes)
    print(text)
    if not chosen.show:
        put_section("calibration", text)


if __name__ == "__main__":
    main()
