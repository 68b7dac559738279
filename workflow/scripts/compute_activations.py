"""Rule compute_activations: output of the frozen layers for one prepared task."""

import json
from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    from xstilts.study.receipts import publish
    from xstilts.training.activations import compute_activations
    from xstilts.training.fitting import set_threads

    set_threads(snakemake.threads)
    folder = Path(snakemake.output.receipt).parent
    receipt = compute_activations(
        recipe=json.loads(snakemake.params.recipe),
        encoder=Path(snakemake.params.folders["encoder"]),
        data=Path(snakemake.params.folders["data"]),
        folder=folder,
    )
    publish(folder, {"status": "done", **receipt})


run_script(main, snakemake)
