"""Are the p-values and intervals of the inference true? Simulated studies where we know.

    python benchmarks/calibration.py --studies 400 --processes 2

Of benchmarks/calibration.md it writes the sections that are asked for: `--studies` (a tenth of a
second each), `--difference` (a thirtieth), `--low-resource` (one second), `--limits` (five).
That of `--studies` is written anew after every round of `ROUND` studies of each kind, so that it
may be stopped at any time and says how many studies it rests on; `--show` prints instead. Every
scenario has seeds of its own, so that no piece of luck is told twice.
"""

import argparse
import os
import sys
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

# Many small fits: one thread each, and one process per core.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import numpy as np
from quick_dyads import quick_dyads
from readme import put_section
from readme import table as table_of
from scenarios import (
    INTERMEDIATES,
    KINDS,
    NULL,
    SHARED,
    TARGETS,
    Scenario,
    chosen,
    families_of,
    simulate,
)
from scipy.stats import binomtest

from mixed_models.denominator_df import Test
from xstilts.inference.analyses.families import Families
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads, permute
from xstilts.inference.analyses.low_resource import dyad_contrasts, fit_interaction, with_languages
from xstilts.inference.analyses.match import contrast
from xstilts.inference.analyses.permutation import Permutation
from xstilts.inference.analyses.power import power
from xstilts.inference.answer import DIFFERENT, is_robust
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity

PAGE = Path(__file__).with_name("calibration.md")
PERMUTATIONS = 999
ROUND = 40
# Seeds of relabellings are none of the seeds of studies, whose numbers they would repeat.
RELABELLING = 1_000_000
# Seeds of a scenario begin here: the first ones were used while rules were made.
FRESH = 2_000
# Studies of `--difference` that have all three tests.
WHOLE = 200


@dataclass(frozen=True)
class Design:
    """A scenario and the tasks of its studies.

    `square`: the targets are the intermediate tasks too. `candidates`: so many intermediate tasks,
    of which `chosen` are run (None: all), those whose similarity says most of the slope.
    """

    scenario: Scenario
    square: bool = False
    candidates: int | None = None
    chosen: int | None = None


N1, N2 = NULL["N1"], NULL["N2"]
SPREAD = Scenario(slope_spread=0.4)
SHARING = replace(N1, shared=True)
IN_FAMILIES = replace(N1, family_pairs=True, row_families=8)
SCENARIOS = {
    **{f"{name}, no slope": Design(scenario) for name, scenario in NULL.items()},
    "slopes differ between tasks, mean 0": Design(SPREAD),
    "N2 of three factors, no slope": Design(replace(N2, factors=3, embedding=8)),
    "N2 of four dimensions, no slope": Design(replace(N2, embedding=4)),
    "heavy tails and unlike scales, no slope": Design(Scenario(heavy_tails=True, scale_spread=0.8)),
    "families pair by pair, no slope": Design(replace(N1, family_pairs=True)),
    "families by kind, no slope": Design(replace(N1, kinds=True)),
    "targets that share, no slope": Design(SHARING),
    "square table, no slope": Design(N1, square=True),
    "27 rows, no slope": Design(N1, candidates=27),
    "9 rows chosen of 40, no slope": Design(N1, candidates=40, chosen=9),
    "9 rows chosen of 40 in families, no slope": Design(IN_FAMILIES, candidates=40, chosen=9),
    "N1, slope 0.5": Design(replace(N1, slope=0.5)),
    "N2, slope 0.5": Design(replace(N2, slope=0.5)),
    "N3, slope 0.5": Design(replace(NULL["N3"], slope=0.5)),
    "slopes differ between tasks, mean 0.8": Design(replace(SPREAD, slope=0.8)),
    "families by kind, slope 0.5": Design(replace(N1, kinds=True, slope=0.5)),
    "targets that share, slope 0.5": Design(replace(SHARING, slope=0.5)),
    "square table, slope 0.5": Design(replace(N1, slope=0.5), square=True),
    "27 rows, slope 0.5": Design(replace(N1, slope=0.5), candidates=27),
    "9 rows chosen of 40, slope 0.5": Design(replace(N1, slope=0.5), candidates=40, chosen=9),
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
}
# The truths in which the two slopes are compared; in none do they differ.
COMPARED = (
    "N1, slope 0.5", "N2, slope 0.5", "N6, no slope", "slopes differ between tasks, mean 0.8",
    "families by kind, slope 0.5", "square table, no slope",
)  # fmt: skip
ALL_TESTS = COMPARED[:2]


def seeds_of(name: str, count: int) -> range:
    """Seeds of a scenario's studies, its own."""
    first = zlib.crc32(name.encode()) % 100_000 * 10_000 + FRESH
    return range(first, first + count)


def tables(design: Design, seed: int):
    """One simulated study, its rows over seeds, and its dyads."""
    scenario = design.scenario
    names = list(TARGETS) if design.square else INTERMEDIATES
    if design.candidates is not None:
        names = [f"row {k:02d}" for k in range(design.candidates)]
    study = simulate(scenario, seed, intermediates=names)
    gains = study.gains
    if design.square:
        gains = gains[gains["intermediate"] != gains["target"]]
    if design.chosen is not None:
        wide = study.similarity.pivot(index="intermediate", columns="target", values="similarity")
        kept = wide.index[chosen(wide.to_numpy(), design.chosen)]
        gains = gains[gains["intermediate"].isin(kept)]
    rows = seed_means(gains)
    of = families_of(scenario, names, list(TARGETS)) if scenario.family_pairs else KINDS
    families = Families(of, SHARED if scenario.shared else {})
    table, _ = dyads(rows, task_similarity(study.similarity, "text_embedding"), families)
    return study, rows, table


def true_slope(design: Design, table) -> float | None:
    """Mean slope in the units of the tests.

    Unknown where targets' scales are drawn too, or where similarity is that of chosen tasks, whose
    standard deviation is another.
    """
    if design.scenario.scale_spread or design.chosen:
        return None
    scale = float((1 / table.groupby("target")["gain_scale"].first()).mean())
    return design.scenario.slope * scale


def two_slopes(table, seed: int) -> tuple[Test, Permutation]:
    """The headline and the match alone."""
    headline = fit_dyads(table).kenward_roger(SIMILARITY)
    (match,) = permute(
        table, "gain_scaled", [SIMILARITY], permutations=PERMUTATIONS, seed=RELABELLING + seed
    )
    return headline, match


def three_effects(table, seed: int) -> tuple[Test, Permutation, Test]:
    """The headline, the match alone, and the contrast of the two slopes."""
    return *two_slopes(table, seed), contrast(table)


def not_robust(headline: Test, match: Permutation, difference: Test) -> bool:
    """Whether the study says so."""
    effects = (
        {"estimate": headline.estimate, "p": headline.p},
        {"estimate": match.slope, "p": match.p},
        {"estimate": difference.estimate, "p": difference.p},
    )
    return is_robust(*effects) is False


def one_study(design: Design, seed: int) -> dict[str, float]:
    """The p-value of both tests, and whether their intervals hold the truth."""
    _, _, table = tables(design, seed)
    headline, match = two_slopes(table, seed)
    truth = true_slope(design, table)
    ends = {"headline covered": headline, "match covered": match}
    covered = {
        name: np.nan if truth is None else float(each.low <= truth <= each.high)
        for name, each in ends.items()
    }
    return covered | {
        "headline": headline.p,
        "match": match.p,
        "df": headline.df,
    }


def quick(name: str, seed: int):
    """The dyads of one study of a scenario, quickly simulated."""
    design = SCENARIOS[name]
    return quick_dyads(
        design.scenario,
        seed,
        square=design.square,
        candidates=design.candidates,
        kept=design.chosen,
    )


def quick_seeds(name: str, count: int) -> range:
    """Seeds of a scenario's quick studies, its own."""
    first = zlib.crc32(f"{name}c5".encode()) % 1_000_000 * 1_000
    return range(first, first + count)


def one_difference(name: str, seed: int) -> float:
    """The p-value of the contrast of the two slopes of one quick study."""
    return contrast(quick(name, seed)).p


def contradicts(name: str, seed: int) -> bool:
    """Whether one quick study is said to be not robust."""
    return not_robust(*three_effects(quick(name, seed), seed))


def one_interaction(scenario: Scenario, seed: int) -> dict[str, float]:
    """The p-values of the low-resource tests of one simulated study."""
    study, gains, table = tables(Design(scenario), seed)
    moderator = "log10_pretraining_size"
    known = with_languages(standardised_rows(gains, table), study.languages)
    rows = fit_interaction(known, moderator).kenward_roger(f"similarity:{moderator}")
    contrasts = dyad_contrasts(known, table, moderator)
    second = fit_dyads(contrasts, "contrast").kenward_roger(SIMILARITY)
    (relabelled,) = permute(
        contrasts, "contrast", [SIMILARITY], permutations=PERMUTATIONS, seed=RELABELLING + seed
    )
    return {"headline": rows.p, "contrasts": second.p, "mrqap": relabelled.p}


def one_limit(scenario: Scenario, seed: int) -> dict[str, float]:
    """The slope that a study says it would have found in four of five, by rule and by formula."""
    _, _, table = tables(Design(scenario), seed)
    here = power(table, fit_dyads(table), None, 1, seed, larger=())[0]
    scale = 1 / float((1 / table.groupby("target")["gain_scale"].first()).mean())
    return {
        "rule": here["smallest_slope_seen"] * scale,
        "formula": here["smallest_detectable_slope"] * scale,
    }


def seen(scenario: Scenario, seed: int) -> float:
    """Whether a study says that more similar tasks help more."""
    _, _, table = tables(Design(scenario), seed)
    headline, match, difference = three_effects(table, seed)
    found = headline.p < 0.05 and headline.estimate > 0
    return float(found and not not_robust(headline, match, difference))


def share(results: Iterable[dict[str, float]], method: str) -> str:
    """Per cent of studies with p <= 0.05, of those that have a p, and its 95 % interval."""
    values = np.array([each[method] for each in results])
    values = values[np.isfinite(values)]
    if not len(values):
        return "–"
    low, high = binomtest(int(np.sum(values <= 0.05)), len(values)).proportion_ci(method="wilson")
    return f"{100 * np.mean(values <= 0.05):.1f} [{100 * low:.0f}, {100 * high:.0f}]"


def coverage(results: list[dict[str, float]], name: str) -> str:
    """Per cent of intervals that hold the truth."""
    values = [each[name] for each in results]
    return "–" if np.isnan(values).all() else f"{100 * np.nanmean(values):.1f}"


def slopes_section(results: dict[str, list[dict[str, float]]]) -> str:
    """False positives, power and coverage of both tests."""
    rows = []
    for name, studies in results.items():
        shares = [share(studies, method) for method in COLUMNS]
        ends = [coverage(studies, f"{each} covered") for each in ("headline", "match")]
        rows.append([name, *shares, *ends, f"{np.median([e['df'] for e in studies]):.1f}"])
    counts = sorted({len(studies) for studies in results.values()})
    header = [
        "truth", *COLUMNS.values(), "coverage, headline", "coverage, match alone", "median df",
    ]  # fmt: skip
    return f"""## The two tests

Per cent of {" to ".join(map(str, counts))} simulated studies of each kind (9 x 9 tasks unless said,
164 target-language pairs, one seed) in which a test says p <= 0.05, with its 95 % interval
(Wilson). Without a slope that is the rate of false positives, with one it is the power. Slopes are
in dyad standard deviations per standard deviation of similarity, a fifth of whose variance is the
dyads' own. All studies are tested with families of tasks: by kind, as the paper's tasks have them
(intermediate tasks 3, 2, 3, 1; targets 2, 2, 3, 2), or those of the simulation where it has others.
{"; ".join(f"{name}: {meaning}" for name, meaning in MEANINGS.items())}. In square tables the
targets are the intermediate tasks too, and no task is paired with itself. Rows are chosen by their
similarity alone, for the most information on the slope; 40 candidates in families come in eight.

{table_of(header, rows)}
"""


def difference_section(run: Callable, studies: int) -> str:
    """How often the two slopes are said to differ where they do not."""
    rows = []
    for name in COMPARED:
        values = np.array(run(partial(one_difference, name), quick_seeds(name, studies)))
        shares = [f"{100 * np.mean(values <= level):.1f}" for level in (0.1, 0.2)]
        rows.append([name, share([{"p": value} for value in values], "p"), *shares])
    whole = min(studies, WHOLE)
    said = [
        f"{100 * np.mean(run(partial(contradicts, name), quick_seeds(name, whole))):.1f} % ({name})"
        for name in ALL_TESTS
    ]
    return f"""## Whether the two slopes differ

Per cent of {studies} studies, of which dyads alone are simulated, in which the contrast of the
match's slope and that between tasks has p <= 0.05, with its 95 % interval, and p <= 0.1 and 0.2. In
none do they differ in truth. "Not robust" is said where p < {DIFFERENT}, or where the slopes have
opposite signs and one of them is seen: of the first {whole} studies of two truths, in
{" and ".join(said)}.

{table_of(["truth", "p <= 0.05", "0.1", "0.2"], rows)}
"""


def interaction_section(run: Callable, studies: int) -> str:
    """The low-resource tests."""
    rows = []
    for name, scenario in INTERACTIONS.items():
        results = run(partial(one_interaction, scenario), seeds_of(name, studies))
        rows.append([name, *(share(results, each) for each in ("headline", "contrasts", "mrqap"))])
    header = ["truth", "model of rows", "model of dyads' contrasts", "permutation"]
    return f"""## Low-resource languages

The interaction similarity x log10 pretraining size, {studies} studies each; every dyad has a slope
of its own over the languages (standard deviation 0.5).

{table_of(header, rows)}
"""


def limits_section(run: Callable, studies: int) -> str:
    """Is the slope that a study says it would have found, found in four of five?"""
    rows = []
    for name in ("N1", "N2"):
        results = run(partial(one_limit, NULL[name]), seeds_of(f"limits {name}", studies))
        values = [np.nanmedian([each[way] for each in results]) for way in ("rule", "formula")]
        shares = [
            100
            * np.mean(
                run(partial(seen, replace(NULL[name], slope=value)), seeds_of(f"at {value}", 300))
            )
            for value in values
        ]
        rows.append([name, *(f"{x:.2f}, {y:.0f} %" for x, y in zip(values, shares, strict=True))])
    header = ["truth", "by the rule that is used", "by the headline's standard error"]
    return f"""## What a study would have found

Median over {studies} studies of the slope (points) that they say they would have found in four of
five, and how often 300 studies with that slope did say that more similar tasks help more.

{table_of(header, rows)}
"""


def main() -> None:
    """Simulate, test, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=0, help="studies per scenario")
    parser.add_argument(
        "--difference", type=int, default=0, help="studies in which the slopes are compared"
    )
    parser.add_argument(
        "--low-resource", type=int, default=0, help="studies per low-resource scenario"
    )
    parser.add_argument("--limits", type=int, default=0, help="studies whose limits are checked")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print instead of writing the page")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes) as pool:

        def run(function: Callable, seeds: Iterable[int]) -> list:
            return list(pool.map(function, seeds, chunksize=5))

        def put(option: str, text: str) -> None:
            made = f"Made by `python benchmarks/calibration.py {option}`."
            print(f"{text}\n{made}", flush=True)
            if not options.show:
                put_section(option.split()[0].strip("-"), f"{text}\n{made}", PAGE)

        for option, count, section in (
            ("difference", options.difference, difference_section),
            ("low-resource", options.low_resource, interaction_section),
            ("limits", options.limits, limits_section),
        ):
            if count:
                put(f"--{option} {count}", section(run, count))
        results: dict[str, list] = {name: [] for name in SCENARIOS}
        for start in range(0, options.studies, ROUND):
            for name, design in SCENARIOS.items():
                count = min(start + ROUND, options.studies)
                results[name] += run(partial(one_study, design), seeds_of(name, count)[start:])
            put(f"--studies {options.studies}", slopes_section(results))


if __name__ == "__main__":
    main()
