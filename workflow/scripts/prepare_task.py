"""Rule prepare_task: tokenised splits of one task, and their receipt."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script, tell


def main(snakemake):
    import time

    from xstilts.core.files import file_sha256
    from xstilts.core.paths import MLM_TEXT
    from xstilts.core.receipts import publish
    from xstilts.core.run_lock import making
    from xstilts.data.plain_text import prepare_text
    from xstilts.data.row_faults import DROPPED_SHARE
    from xstilts.preparation.prepare import prepare_task
    from xstilts.sources import source_of

    recipe = json.loads(snakemake.params.recipe)
    folder = Path(snakemake.output.receipt).parent
    tokenizer = Path(snakemake.input.tokenizer[0])
    # Where the data lie is no part of the recipe, hence from the config and not by params.
    root = source_of(recipe["source"]["name"]).root_of(snakemake.config)
    is_plain_text = recipe["task"] == MLM_TEXT
    prepare = prepare_text if is_plain_text else prepare_task
    begun = time.monotonic()
    with making(folder, reads=[tokenizer.parent]) as must_run:
        if not must_run:
            return
        settings = {}
        if not is_plain_text:
            # Likewise: how many faulty rows a user puts up with changes nothing in the others.
            settings["dropped_share"] = float(snakemake.config.get("dropped_share", DROPPED_SHARE))
        receipt = prepare(recipe, tokenizer, folder, Path(root) if root else None, **settings)
        tell(receipt["problems"])
        # By name: the successor of an orphan may have deleted one that was there.
        splits = [folder / f"{split}.arrow" for split in ("train", "dev", "test")]
        receipt["files"] = {path.name: file_sha256(path) for path in splits}
        seconds = {
            "wall_seconds": round(time.monotonic() - begun, 2),
            "cpu_seconds": time.process_time(),
        }
        publish(folder, {"status": "done", "recipe": recipe, **receipt, **seconds})


run_script(main, snakemake, imports_libraries=True)
