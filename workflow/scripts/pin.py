"""Rule pin: the newest commits of all that the study takes from the Hub."""

import json
import sys

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.commands.pinning import pin
    from xstilts.hub.secrets import hub_settings

    wanted = json.loads(snakemake.params.wanted)
    for line in pin(wanted, **hub_settings(snakemake.config)):
        print(line, file=sys.__stdout__, flush=True)


run_script(main, snakemake)
