"""Rule embed_task: what similarity compares of one task."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.receipts import publish
    from xstilts.core.run_lock import making
    from xstilts.similarity.embedding import embed_task
    from xstilts.training.device import pick_device
    from xstilts.training.fine_tune import set_threads

    set_threads(snakemake.threads)
    folder = Path(snakemake.output.receipt).parent
    # Where the embedders lie is no part of a recipe, hence from the config and not by params.
    config = snakemake.config
    settings = config.get("similarity", {})
    with making(folder, reads=map(Path, snakemake.params.folders.values())) as must_run:
        if not must_run:
            return
        receipt = embed_task(
            recipe=json.loads(snakemake.params.recipe),
            folders=snakemake.params.folders,
            embedders={key: settings.get(f"{key}_embedder") for key in ("text", "language")},
            folder=folder,
            device=pick_device(config.get("accelerator", "cpu"), config.get("jobs_per_gpu", 1)),
        )
        publish(folder, receipt)


run_script(main, snakemake, imports_libraries=True)
