"""Rule build_encoder: the encoder's folder of transformers files, and its receipt."""

import json
from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    from xstilts.encoders.stage import build_encoder

    build_encoder(
        recipe=json.loads(snakemake.params.recipe),
        folder=Path(snakemake.output.receipt).parent,
        # Where files lie is no part of a recipe, hence from the config and not by params.
        settings=snakemake.config["encoder"],
    )


run_script(main, snakemake)
