"""Would another rule bring the headline's false positives nearer to 5 %? What was tried.

    python benchmarks/headline_rules.py --studies 200

A tenth of a second a study. Writes the section "headline-rules" of benchmarks/calibration.md.
"""

import argparse
import os
import sys
import zlib
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import numpy as np
import pandas as pd
from quick_dyads import quick_dyads
from readme import put_section, table
from scenarios import NULL, Scenario

from mixed_models.denominator_df import kenward_roger, satterthwaite
from xstilts.inference.analyses.headline import (
    FLAG,
    SIMILARITY,
    design_of,
    dyad_terms,
    fit_without_zero,
)
from xstilts.inference.engine import fit

PAGE = Path(__file__).with_name("calibration.md")
SLOPES = ("similarity|intermediate", "similarity|target")
STUDIES = {
    "N1": NULL["N1"],
    "N2": NULL["N2"],
    "slopes differ by 0.4": Scenario(slope_spread=0.4),
    "N1, slope 0.5": replace(NULL["N1"], slope=0.5),
}


@dataclass(frozen=True)
class Model:
    """p of similarity and log-likelihood of the headline's model without some random slopes."""

    p: float
    loglik: float
    slopes: int


def models(dyads: pd.DataFrame) -> tuple[list[Model], dict[str, float]]:
    """Those with every subset of the random slopes, all first; and p of all by other tests."""
    values = dyads["gain_scaled"].to_numpy(float)
    design, terms = design_of(dyads, [FLAG, SIMILARITY])
    contrast = np.array([float(term == SIMILARITY) for term in terms])
    random = dyad_terms(dyads, SIMILARITY)
    found = []
    for size in (2, 1, 0):
        for kept in combinations(SLOPES, size):
            own = [term for term in random if term.name in kept or term.name not in SLOPES]
            fitted, _ = fit_without_zero(values, design, own)
            found.append(Model(kenward_roger(fitted, contrast).p, fitted.loglik, size))
    whole, _ = fit_without_zero(values, design, random)
    others = {
        "components estimated zero kept": kenward_roger(fit(values, design, random), contrast).p,
        "Satterthwaite": satterthwaite(whole, contrast).p,
    }
    return found, others


def by_likelihood(found: list[Model], least: float) -> float:
    """The p of the model with those slopes that make it likelier by `least` each."""
    scores = [2 * each.loglik - least * each.slopes for each in found]
    return found[int(np.argmax(scores))].p


def averaged(found: list[Model]) -> float:
    """The p of the models weighted by Akaike's criterion (Turek & Fletcher 2012)."""
    weights = [np.exp(each.loglik - each.slopes - found[0].loglik) for each in found]
    return float(np.average([each.p for each in found], weights=weights))


def rules(dyads: pd.DataFrame) -> dict[str, float]:
    """The p of similarity by every rule."""
    found, others = models(dyads)
    return {
        "**components estimated zero left out (the rule)**": found[0].p,
        **others,
        "slopes left out unless 2 log likelihood rises by 0.7 each": by_likelihood(found, 0.7),
        "unless by 1.6 each (Matuschek et al. 2017: p < 0.2)": by_likelihood(found, 1.6),
        "models averaged by Akaike's criterion": averaged(found),
        "no random slopes": found[-1].p,
    }


def seeds_of(name: str, count: int) -> range:
    """Seeds of a scenario's studies, its own."""
    first = zlib.crc32(f"headline rules {name}".encode()) % 1_000_000 * 1_000
    return range(first, first + count)


def section(studies: int) -> str:
    """The section's text."""
    shares = {}
    for name, scenario in STUDIES.items():
        drawn = pd.DataFrame([rules(quick_dyads(scenario, s)) for s in seeds_of(name, studies)])
        shares[name] = 100 * (drawn <= 0.05).mean()
    rows = [
        [rule, *(f"{shares[name][rule]:.1f}" for name in STUDIES)] for rule in shares["N1"].index
    ]
    error = 100 * np.sqrt(0.05 * 0.95 / studies)
    return f"""## Would another rule bring the headline nearer to 5 %?

Per cent of {studies} studies with p <= 0.05, the same ones for all rules, so that their differences
are surer than the figures (error of counting {error:.1f} at 5 %). The last column has a slope.

{table(["rule", *STUDIES], rows)}

A random slope that is not there is estimated above zero in about half of studies, and then widens
the error: so the headline rejects too few where slopes do not differ, and as many as it should
where they do. Rules that leave slopes out more often add false positives in both, and with them
power. They are not the rule yet: where there are families the headline stands at 5 to 6 in 100 as
it is (above), and there they were hardly tried. Until then the test stays on the side of too few:
one that is careful where slopes are alike is preferred to one that is wrong where they are not, and
which of the two a study is cannot be seen in nine by nine tasks.

Made by `python benchmarks/headline_rules.py --studies {studies}`.
"""


def main() -> None:
    """Simulate, test, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=200, help="studies per scenario")
    parser.add_argument("--show", action="store_true", help="print instead of writing the page")
    options = parser.parse_args()
    text = section(options.studies)
    print(text)
    if not options.show:
        put_section("headline-rules", text, PAGE)


if __name__ == "__main__":
    main()
