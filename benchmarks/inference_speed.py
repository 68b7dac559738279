"""How long the whole inference takes, and how much memory, for small and large studies.

    python benchmarks/inference_speed.py

Writes the section "inference-speed" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from readme import put_section

if TYPE_CHECKING:
    import pandas as pd

# Intermediate tasks, target tasks, languages of every target, seeds.
STUDIES = ((9, 9, 10, 1), (9, 9, 18, 3), (9, 9, 40, 5))
TABLES = ((60, 89, 1, 1), (60, 89, 6, 1))


def row(shape: tuple[int, ...], rows: int, begun: float, used: float, engines: str) -> str:
    """One row of the table, of what this process has used since."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    sizes = " x ".join(map(str, shape[:3]))
    return (
        f"| {sizes} | {shape[3]} | {rows:,} | {wall:.0f} | {cpu:.1f} | {memory:.0f} | {engines} |"
    )


def engines_of(fit: "pd.DataFrame") -> str:
    """What statsmodels said, from the table `fit`."""
    agreed = fit.set_index("quantity")["value"].get("engines_agree")
    return {1.0: "agrees", 0.0: "disagrees"}.get(agreed, "not run")


def measure_study(shape: tuple[int, ...]) -> str:
    """The inference of a study, from its tables in memory."""
    _, _, languages, seeds = shape
    begun, used = time.perf_counter(), time.process_time()
    from scenarios import INTERMEDIATES, TARGETS, Scenario, simulate

    from xstilts.config.study_config import read_config
    from xstilts.inference.run import Inputs, infer

    root = Path(__file__).resolve().parents[1]
    minimal = {"study": "x", "source": "demo", "encoder": {"name": "x"}}
    limits = {"limits": {"train": 1, "dev": 1, "test": 1}}
    config = read_config(minimal | limits, root)
    study = simulate(
        Scenario(slope=0.3),
        1,
        seeds=seeds,
        languages=languages,
        languages_of=dict.fromkeys(TARGETS, languages),
    )
    sizes = {name: 1000 * (place + 1) for place, name in enumerate(INTERMEDIATES)}
    inputs = Inputs(study.gains, study.similarity, study.languages, sizes, ("bucc", "tatoeba"))
    settings = config["inference"] | {"primary_measure": config["similarity"]["primary"]}
    found = infer(inputs, settings)
    return row(shape, len(study.gains), begun, used, engines_of(found.tables["fit"]))


def measure_table(shape: tuple[int, ...]) -> str:
    """`xstilts answer` on a table of scores, from file to files."""
    sources, targets, languages, _ = shape
    with tempfile.TemporaryDirectory() as folder:
        scores, similarity = write_table(Path(folder), sources, targets, languages)
        begun, used = time.perf_counter(), time.process_time()
        from xstilts.inference.any_table import answer_table

        found = answer_table(scores, Path(folder) / "answer", similarity=similarity)
        rows = sources * targets * languages
        return row(shape, rows, begun, used, engines_of(found.tables["fit"]))


def write_table(folder: Path, sources: int, targets: int, languages: int) -> tuple[Path, Path]:
    """Simulated scores and similarities: effects of both tasks, of the pair and of its rows."""
    import numpy as np
    import pandas as pd

    from xstilts.inference.languages import TABLE, languages_table

    random = np.random.default_rng(1)
    shape = (sources, targets)
    sides = random.normal(size=(sources, 1)), random.normal(size=(1, targets))
    similarity = sum(sides) + 0.8 * random.normal(size=shape)
    gain = random.normal(size=(sources, 1)) + 2 * random.normal(size=(1, targets))
    gain = gain + 0.3 * similarity + random.normal(size=shape)
    source, target = (index.ravel() for index in np.indices(shape))
    pairs = pd.DataFrame({"source": source, "target": target}).astype(str)
    pairs = pairs.assign(source="source " + pairs["source"], target="target " + pairs["target"])
    codes = languages_table(TABLE)["language"][:languages]
    scores = [
        pairs.assign(language=code, score=gain.ravel() + random.normal(size=len(pairs)))
        for code in codes
    ]
    pd.concat(scores).to_csv(folder / "scores.csv", index=False)
    pairs.assign(similarity=similarity.ravel()).to_csv(folder / "similarity.csv", index=False)
    return folder / "scores.csv", folder / "similarity.csv"


def main() -> None:
    """Measure each study in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", nargs=4, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--table", nargs=4, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    chosen = parser.parse_args()
    if chosen.study or chosen.table:
        measured = measure_study if chosen.study else measure_table
        print(measured(tuple(chosen.study or chosen.table)))
        return
    rows = []
    for option, shapes in (("--study", STUDIES), ("--table", TABLES)):
        for shape in shapes:
            command = [sys.executable, __file__, option, *map(str, shape)]
            rows.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    text = f"""## Time and memory of the inference

Imports included; one thread. The large ones are tables of scores for `xstilts answer`, from file to
files, the others studies. statsmodels is not run where it would take longer than all the rest.

| tasks and languages | seeds | rows | wall, s | CPU, s | memory, MB | statsmodels |
| --- | --- | --- | --- | --- | --- | --- |
{"".join(rows)}
Made by `python benchmarks/inference_speed.py`.
"""
    print(text)
    if not chosen.show:
        put_section("inference-speed", text)


if __name__ == "__main__":
    main()
