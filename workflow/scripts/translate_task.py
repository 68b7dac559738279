"""Rule translate_task: a task's training examples in another language, by machine."""

import json
from pathlib import Path

from xstilts.study.jobs.scripting import run_script, tell


def main(snakemake):
    from xstilts.data.faults import DROPPED_SHARE
    from xstilts.study.downloads import translator_folder
    from xstilts.study.jobs.claims import claimed
    from xstilts.study.receipts import publish
    from xstilts.training.device import Usage, pick_device
    from xstilts.training.fitting import set_threads
    from xstilts.translation.job import translate

    set_threads(snakemake.threads)
    recipe = json.loads(snakemake.params.recipe)
    folder = Path(snakemake.output.receipt).parent
    # Where files lie is no part of a recipe, hence from the config and not by params.
    config = snakemake.config
    root = config.get("data_root")
    model = recipe["model"]
    if model["name"] == "hub":
        place = translator_folder(model["model"], model["revision"])
    else:
        given = config["translated"]["model"]
        code = given.get("codes", {}).get(recipe["language"], recipe["language"])
        place = Path(given["path"].replace("{code}", code))
    with claimed(folder) as open_still:
        if not open_still:
            return
        device = pick_device(config.get("accelerator", "cpu"))
        usage = Usage(device)
        share = float(config.get("dropped_share", DROPPED_SHARE))
        receipt = translate(
            recipe, place, folder, Path(root) if root else None, device, dropped_share=share
        )
        tell(receipt["problems"])
        publish(folder, {"status": "done", **receipt, **usage.summary()})


run_script(main, snakemake)
