"""Are the p-values and intervals of the inference true? Simulated studies where we know.

    python benchmarks/calibration.py --studies 400 --processes 2

About a sixth of a second a study and core; `--low-resource` two seconds more, `--limits` three.
Writes benchmarks/calibration.md; `--show` prints it instead. Every scenario has seeds of its own,
so that no piece of luck is told twice.
"""

import argparse
import os
import sys
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

# Many small fits: one thread each, and one process per core.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import numpy as np
from scenarios import INTERMEDIATES, KINDS, NULL, SHARED, TARGETS, Scenario, families_of, simulate

from xstilts.inference.analyses.families import Families
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads, permute
from xstilts.inference.analyses.low_resource import dyad_contrasts, fit_interaction, with_languages
from xstilts.inference.analyses.match import contrast
from xstilts.inference.analyses.power import power
from xstilts.inference.answer import is_robust
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity

PAGE = Path(__file__).with_name("calibration.md")
PERMUTATIONS = 499
# Seeds of relabellings are none of the seeds of studies, whose numbers they would repeat.
RELABELLING = 1_000_000
SPREAD = Scenario(slope_spread=0.4)
SQUARE = "square table, "
SHARING = replace(NULL["N1"], shared=True)
SCENARIOS = {
    **{f"{name}, no slope": scenario for name, scenario in NULL.items()},
    "slopes differ between tasks, mean 0": SPREAD,
    "N2 of three factors, no slope": replace(NULL["N2"], factors=3, embedding=8),
    "families pair by pair, no slope": replace(NULL["N1"], family_pairs=True),
    "families by kind, no slope": replace(NULL["N1"], kinds=True),
    "targets that share, no slope": SHARING,
    f"{SQUARE}no slope": NULL["N1"],
    "N1, slope 0.5": replace(NULL["N1"], slope=0.5),
    "N2, slope 0.5": replace(NULL["N2"], slope=0.5),
    "N3, slope 0.5": replace(NULL["N3"], slope=0.5),
    "slopes differ between tasks, mean 0.8": replace(SPREAD, slope=0.8),
    "families by kind, slope 0.5": replace(NULL["N1"], kinds=True, slope=0.5),
    "targets that share, slope 0.5": replace(SHARING, slope=0.5),
    f"{SQUARE}slope 0.5": replace(NULL["N1"], slope=0.5),
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
COLUMNS = {
    "headline": "**headline** (Kenward-Roger)",
    "match": "**match alone** (relabelling)",
    "differ": "the two slopes differ",
    "not robust": "said to be not robust",
    "headline without families": "headline without families",
    "match without families": "match without families",
    "satterthwaite": "Satterthwaite",
}


def seeds_of(name: str, count: int) -> range:
    """Seeds of a scenario's studies, its own."""
    first = zlib.crc32(name.encode()) % 100_000 * 10_000
    return range(first, first + count)


def tables(scenario: Scenario, seed: int, *, square: bool = False):
    """Study, dyads and rows in the dyads' units of one simulated study."""
    names = {"intermediates": list(TARGETS)} if square else {}
    study = simulate(scenario, seed, **names)
    gains = study.gains
    if square:
        gains = gains[gains["intermediate"] != gains["target"]]
    rows = seed_means(gains)
    of = families_of(scenario, INTERMEDIATES, list(TARGETS)) if scenario.family_pairs else KINDS
    families = Families(of, SHARED if scenario.shared else {})
    table, _ = dyads(rows, task_similarity(study.similarity, "text_embedding"), families)
    return study, table, standardised_rows(rows, table)


def true_slope(scenario: Scenario, table) -> float | None:
    """Mean slope in the units of the tests; unknown where targets' scales are drawn too."""
    if scenario.scale_spread:
        return None
    return scenario.slope * float((1 / table.groupby("target")["gain_scale"].first()).mean())


def one_study(scenario: Scenario, square: bool, seed: int) -> dict[str, float]:
    """The p-value of every method, and whether the two intervals hold the truth."""
    _, table, _ = tables(scenario, seed, square=square)
    plain = table.drop(columns=["intermediate_family", "target_family", "member"])
    settings = {"permutations": PERMUTATIONS, "seed": RELABELLING + seed}
    headline = fit_dyads(table)
    test = headline.kenward_roger(SIMILARITY)
    (match,) = permute(table, "gain_scaled", [SIMILARITY], **settings)
    (without,) = permute(plain, "gain_scaled", [SIMILARITY], **settings)
    difference = contrast(table)
    slopes = (
        {"estimate": test.estimate, "p": test.p},
        {"estimate": match.slope, "p": match.p},
        {"estimate": difference.estimate, "p": difference.p},
    )
    truth = true_slope(scenario, table)
    ends = {"headline covered": test, "match covered": match}
    covered = {
        name: np.nan if truth is None else float(each.low <= truth <= each.high)
        for name, each in ends.items()
    }
    return covered | {
        "headline": test.p,
        "match": match.p,
        "differ": difference.p,
        "not robust": 0.0 if is_robust(*slopes) is False else 1.0,
        "headline without families": fit_dyads(plain).kenward_roger(SIMILARITY).p,
        "match without families": without.p,
        "satterthwaite": headline.satterthwaite(SIMILARITY).p,
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


def one_limit(scenario: Scenario, seed: int) -> dict[str, float]:
    """The slope that a study says it would have found in four of five, by rule and by formula."""
    _, table, _ = tables(scenario, seed)
    here = power(table, fit_dyads(table), None, 1, seed, larger=())[0]
    scale = 1 / float((1 / table.groupby("target")["gain_scale"].first()).mean())
    return {
        "rule": here["smallest_slope_seen"] * scale,
        "formula": here["smallest_detectable_slope"] * scale,
    }


def seen(scenario: Scenario, seed: int) -> float:
    """Whether a study says that more similar tasks help more."""
    _, table, _ = tables(scenario, seed)
    test = fit_dyads(table).kenward_roger(SIMILARITY)
    (match,) = permute(
        table, "gain_scaled", [SIMILARITY], permutations=PERMUTATIONS, seed=RELABELLING + seed
    )
    difference = contrast(table)
    effects = [
        {"estimate": test.estimate, "p": test.p},
        {"estimate": match.slope, "p": match.p},
        {"estimate": difference.estimate, "p": difference.p},
    ]
    return float(test.p < 0.05 and test.estimate > 0 and is_robust(*effects) is not False)


def share(results: Iterable[dict[str, float]], method: str) -> str:
    """Per cent of studies with p <= 0.05; of those that have a p."""
    values = np.array([each[method] for each in results])
    values = values[np.isfinite(values)]
    return f"{100 * np.mean(values <= 0.05):.1f}" if len(values) else "–"


def coverage(results: list[dict[str, float]], name: str) -> str:
    """Per cent of intervals that hold the truth."""
    values = [each[name] for each in results]
    return "–" if np.isnan(values).all() else f"{100 * np.nanmean(values):.1f}"


def table_of(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def slopes_section(run: Callable, studies: int) -> str:
    """False positives, power and coverage of both tests."""
    rows = []
    for name, scenario in SCENARIOS.items():
        results = run(partial(one_study, scenario, name.startswith(SQUARE)), name, studies)
        shares = [share(results, method) for method in COLUMNS]
        ends = [coverage(results, f"{each} covered") for each in ("headline", "match")]
        rows.append([name, *shares, *ends, f"{np.median([e['df'] for e in results]):.1f}"])
    margin = 100 * np.sqrt(0.05 * 0.95 / studies)
    header = [
        "truth", *COLUMNS.values(), "coverage, headline", "coverage, match alone", "median df",
    ]  # fmt: skip
    return f"""# Calibration of the inference

Per cent of {studies} simulated studies of each kind (9 x 9 tasks, 164 target-language pairs, one
seed) in which a test says p <= 0.05; Monte-Carlo standard error {margin:.1f} at 5 %. Without a
slope that is the rate of false positives, with one it is the power. Slopes are in dyad standard
deviations per standard deviation of similarity, a fifth of whose variance is the dyads' own. All
studies are tested with families of tasks: by kind, as the paper's tasks have them (intermediate
tasks 3, 2, 3, 1; targets 2, 2, 3, 2), or those of the simulation where it has others.
{"; ".join(f"{name}: {meaning}" for name, meaning in MEANINGS.items())}. In square tables the
targets are the intermediate tasks too, and no task is paired with itself.

{table_of(header, rows)}
"""


def interaction_section(run: Callable, studies: int) -> str:
    """The low-resource tests."""
    rows = []
    for name, scenario in INTERACTIONS.items():
        results = run(partial(one_interaction, scenario), name, studies)
        rows.append([name, *(share(results, each) for each in ("headline", "contrasts", "mrqap"))])
    header = ["truth", "model of rows", "model of dyads' contrasts", "permutation"]
    return f"""
## Low-resource languages

The interaction similarity x log10 pretraining size, {studies} studies each; every dyad has a slope
of its own over the languages (standard deviation 0.5).

{table_of(header, rows)}
"""


def limits_section(run: Callable, studies: int) -> str:
    """Is the slope that a study says it would have found, found in four of five?"""
    rows = []
    for name in ("N1", "N2"):
        results = run(partial(one_limit, NULL[name]), f"limits {name}", studies)
        values = [np.nanmedian([each[way] for each in results]) for way in ("rule", "formula")]
        shares = [
            100 * np.mean(run(partial(seen, replace(NULL[name], slope=value)), f"at {value}", 300))
            for value in values
        ]
        rows.append([name, *(f"{x:.2f}, {y:.0f} %" for x, y in zip(values, shares, strict=True))])
    header = ["truth", "by the rule that is used", "by the headline's standard error"]
    return f"""
## What a study would have found

Median over {studies} studies of the slope (points) that they say they would have found in four of
five, and how often 300 studies with that slope did say that more similar tasks help more.

{table_of(header, rows)}
"""


def main() -> None:
    """Simulate, test, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=400, help="studies per scenario")
    parser.add_argument(
        "--low-resource", type=int, default=0, help="studies per low-resource scenario"
    )
    parser.add_argument("--limits", type=int, default=0, help="studies whose limits are checked")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print instead of writing the page")
    chosen = parser.parse_args()
    with ProcessPoolExecutor(chosen.processes) as pool:

        def run(function: Callable, name: str, count: int) -> list:
            return list(pool.map(function, seeds_of(name, count), chunksize=5))

        text = slopes_section(run, chosen.studies)
        if chosen.low_resource:
            text += interaction_section(run, chosen.low_resource)
        if chosen.limits:
            text += limits_section(run, chosen.limits)
    words = " ".join(sys.argv[1:])
    text += f"\nMade by `python benchmarks/calibration.py {words}`.\n"
    print(text)
    if not chosen.show:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
