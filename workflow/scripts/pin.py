"""Rule pin: the newest commits of all that the study takes from the Hub."""

import json
import sys

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.commands.pinning import pin

    wanted = json.loads(snakemake.params.wanted)
    for line in pin(wanted, endpoint=snakemake.config.get("hub_endpoint")):
        print(line, file=sys.__stdout__, flush=True)


run_script(main, snakemake)
