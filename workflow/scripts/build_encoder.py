"""Rule build_encoder: the encoder's folder of transformers files, and its receipt."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.config.encoders import config_of_encoder
    from xstilts.config.study_config import check_encoder
    from xstilts.core.run_lock import making
    from xstilts.encoders.build import build_encoder
    from xstilts.encoders.encoder_files import read_json

    folder = Path(snakemake.output.receipt).parent
    # Where files lie is no part of a recipe, hence from the config and not by params.
    config = config_of_encoder(snakemake.config, snakemake.wildcards.run.rpartition("-")[0])
    with making(folder) as must_run:
        if must_run:
            # What a model of the Hub is like has not been known before.
            for file in snakemake.input:
                check_encoder(config, read_json(Path(file).with_name("config.json")))
            build_encoder(json.loads(snakemake.params.recipe), folder, config["encoder"])


run_script(main, snakemake)
