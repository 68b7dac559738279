"""Rule prepare_task: tokenised splits of one task, and their receipt."""

import json
from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    import time

    from xstilts.data.prepare import prepare_task
    from xstilts.study.receipts import publish

    recipe = json.loads(snakemake.params.recipe)
    folder = Path(snakemake.output.receipt).parent
    # Where the data lie is no part of the recipe, hence from the config and not by params.
    root = snakemake.config.get("data_root")
    begun = time.monotonic()
    receipt = prepare_task(
        recipe, Path(snakemake.input.tokenizer), folder, Path(root) if root else None
    )
    seconds = {
        "wall_seconds": round(time.monotonic() - begun, 2),
        "cpu_seconds": time.process_time(),
    }
    publish(folder, {"status": "done", "recipe": recipe, **receipt, **seconds})


run_script(main, snakemake)
