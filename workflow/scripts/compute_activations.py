"""Rule compute_activations: output of the frozen layers for one prepared task."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.receipts import publish
    from xstilts.core.run_lock import making
    from xstilts.training.activations import compute_activations
    from xstilts.training.fine_tune import set_threads

    set_threads(snakemake.threads)
    folder = Path(snakemake.output.receipt).parent
    encoder, data = (Path(snakemake.params.folders[role]) for role in ("encoder", "data"))
    with making(folder, reads=(encoder, data)) as must_run:
        if not must_run:
            return
        recipe = json.loads(snakemake.params.recipe)
        receipt = compute_activations(recipe=recipe, encoder=encoder, data=data, folder=folder)
        publish(folder, {"status": "done", **receipt})


run_script(main, snakemake, imports_libraries=True)
