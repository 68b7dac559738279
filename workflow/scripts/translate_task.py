"""Rule translate_task: a task's training examples in another language, by machine."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script, tell


def main(snakemake):
    from xstilts.core.receipts import publish
    from xstilts.core.run_lock import making
    from xstilts.data.row_faults import DROPPED_SHARE
    from xstilts.training.device import Usage, pick_device
    from xstilts.training.fine_tune import set_threads
    from xstilts.translation.job import translate
    from xstilts.translation.sources import filled_in, translator_source_of

    set_threads(snakemake.threads)
    recipe = json.loads(snakemake.params.recipe)
    folder = Path(snakemake.output.receipt).parent
    # Where files lie is no part of a recipe, hence from the config and not by params.
    config = snakemake.config
    root = config.get("data_root")
    model = recipe["model"]
    settings = config["translated"]["model"]
    path = filled_in(settings["path"], settings, recipe["language"])
    with making(folder) as must_run:
        if not must_run:
            return
        files = translator_source_of(model["name"]).folder(model, path)
        device = pick_device(config.get("accelerator", "cpu"), config.get("jobs_per_gpu", 1))
        usage = Usage(device)
        share = float(config.get("dropped_share", DROPPED_SHARE))
        receipt = translate(
            recipe, files, folder, Path(root) if root else None, device, dropped_share=share
        )
        tell(receipt["problems"])
        publish(folder, {"status": "done", **receipt, **usage.summary()})


run_script(main, snakemake)
