"""Times the mixed-model engines on simulated gains: ours, statsmodels and, where R is, lme4.

    python benchmarks/inference_engines.py [--languages 5 20 40] [--statsmodels-rows 2000] [--no-r]

Tables have the study's shape: 9 intermediate by 9 target tasks by languages. All engines fit the
same model by REML; for each the CPU seconds and the log-likelihood. "tests" adds all that is
reported: for ours Kenward-Roger and Satterthwaite of every fixed effect, for R Satterthwaite by
lmerTest, and Kenward-Roger by pbkrtest up to 405 rows (it builds rows-by-rows matrices).
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from mixed_models import engines
from mixed_models.denominator_df import kenward_roger, satterthwaite
from mixed_models.fit import fit
from mixed_models.model_frame import Model, Rows, prepare

CROSSED = ("intermediate", "target", "language", "intermediate:target", "target:language")
ROWS = Model("gain", "similarity * low_resource", CROSSED)
DYADS = Model(
    "gain",
    "similarity",
    ("intermediate", "target"),
    ("similarity|intermediate", "similarity|target"),
)
IN_R = """
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
words <- commandArgs(trailingOnly = TRUE)
table <- read.csv(words[1])
cpu <- function(code) {
  began <- proc.time(); value <- force(code); spent <- proc.time() - began
  list(value = value, seconds = spent[["user.self"]] + spent[["sys.self"]])
}
fitted <- cpu(lmerTest::lmer(as.formula(words[2]), data = table))
tests <- cpu(summary(fitted$value))
adjusted <- if (nrow(table) <= 405) cpu(vcovAdj(fitted$value))$seconds else NA
cat(toJSON(list(fit = fitted$seconds, satterthwaite = tests$seconds, kenward_roger = adjusted,
                loglik = as.numeric(logLik(fitted$value))), auto_unbox = TRUE, digits = 8))
"""


def simulate(languages: int, seed: int) -> pd.DataFrame:
    """One row per intermediate task, target task and language."""
    random = np.random.default_rng(seed)
    i, t, k = (axis.ravel() for axis in np.indices((9, 9, languages)))
    similarity, low = random.normal(size=(9, 9)), random.normal(size=languages)
    gain = random.normal(size=9)[i] + random.normal(0, 1.5, 9)[t] + 0.5 * similarity[i, t]
    gain += random.normal(0, 0.5, languages)[k] + random.normal(size=(9, 9))[i, t]
    gain += random.normal(0, 0.7, (9, languages))[t, k] + random.normal(0, 0.8, len(i))
    names = {"intermediate": i, "target": t, "language": k}
    table = pd.DataFrame({name: [f"{name}{one:02d}" for one in x] for name, x in names.items()})
    return table.assign(similarity=similarity[i, t], low_resource=low[k], gain=gain)


def cpu(function, repeats: int = 1) -> tuple[float, object]:
    """CPU seconds of one call, and its value."""
    began = time.process_time()
    for _ in range(repeats):
        value = function()
    return (time.process_time() - began) / repeats, value


def in_r(table: pd.DataFrame, model: Model) -> dict:
    """What lme4 takes and finds."""
    terms = [model.fixed, *(f"(1 | {name})" for name in model.random)]
    terms += [f"(0 + {a} | {b})" for a, b in (one.split("|") for one in model.slopes)]
    with tempfile.TemporaryDirectory() as folder:
        path, script = Path(folder) / "table.csv", Path(folder) / "fit.R"
        table.to_csv(path, index=False)
        script.write_text(IN_R)
        command = ["Rscript", str(script), str(path), f"gain ~ {' + '.join(terms)}"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def compare(name: str, table: pd.DataFrame, model: Model, arguments: argparse.Namespace) -> dict:
    """One line of the result."""
    rows: Rows = prepare(table, model)
    design, p = rows.design.to_numpy(), rows.design.shape[1]
    repeats = 20 if len(table) < 100 else 1
    seconds, found = cpu(lambda: fit(rows.response, design, rows.random), repeats)
    tests, _ = cpu(lambda: [(kenward_roger(found, u), satterthwaite(found, u)) for u in np.eye(p)])
    line = {"table": name, "rows": found.n, "ours": seconds, "ours_tests": tests}
    line["loglik"] = found.loglik
    if found.n <= arguments.statsmodels_rows:
        engines.LARGEST = np.inf
        spent, other = cpu(lambda: engines.compare(found, rows.response, design, rows.random))
        line |= {"statsmodels": spent, "statsmodels_loglik_off": other.difference}
    if not arguments.no_r and shutil.which("Rscript"):
        other = in_r(table, model)
        line |= {"lme4": other["fit"], "lmertest": other["satterthwaite"]}
        line |= {"pbkrtest": other["kenward_roger"], "lme4_loglik_off": other["loglik"]}
        line["lme4_loglik_off"] -= found.loglik
    return line


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--languages", type=int, nargs="+", default=[5, 20, 40])
    parser.add_argument("--statsmodels-rows", type=int, default=2000)
    parser.add_argument("--no-r", action="store_true")
    arguments = parser.parse_args()
    dyads = simulate(5, seed=1).groupby(["intermediate", "target"], as_index=False)
    dyads = dyads[["similarity", "gain"]].mean()
    lines = [compare("dyads", dyads, DYADS, arguments)]
    for languages in arguments.languages:
        lines.append(compare("rows", simulate(languages, seed=1), ROWS, arguments))
    print(pd.DataFrame(lines).to_string(index=False, float_format="{:.4g}".format))


if __name__ == "__main__":
    main()
