"""How long the whole inference takes, and how much memory, for small and large studies.

    python benchmarks/inference_speed.py

Writes the section "inference-speed" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from readme import put_section

# Languages of every target, seeds.
STUDIES = ((10, 1), (18, 3), (40, 5))


def measure(languages: int, seeds: int) -> str:
    """One row of the table, measured in this process."""
    begun, used = time.perf_counter(), time.process_time()
    from scenarios import INTERMEDIATES, TARGETS, Scenario, simulate

    from xstilts.config.model import read_config
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
    fit = found.tables["fit"].set_index("quantity")["value"]
    agreed = {1.0: "agrees", 0.0: "disagrees"}.get(fit["engines_agree"], "not run")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    return (
        f"| 9 x 9 x {languages} | {seeds} | {len(study.gains):,} | {wall:.0f} | {cpu:.0f} | "
        f"{memory:.0f} | {agreed} |"
    )


def main() -> None:
    """Measure each study in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", nargs=2, type=int, metavar=("LANGUAGES", "SEEDS"))
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    chosen = parser.parse_args()
    if chosen.one:
        print(measure(*chosen.one))
        return
    rows = []
    for languages, seeds in STUDIES:
        command = [sys.executable, __file__, "--one", str(languages), str(seeds)]
        rows.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    text = f"""## Time and memory of the inference

Imports included; two cores.

| study | seeds | rows | wall, s | CPU, s | memory, MB | statsmodels |
| --- | --- | --- | --- | --- | --- | --- |
{"".join(rows)}
Made by `python benchmarks/inference_speed.py`.
"""
    print(text)
    if not chosen.show:
        put_section("inference-speed", text)


if __name__ == "__main__":
    main()
