# What is asked beside a run is asked of `xstilts`; whoever asks Snakemake is told so.

from xstilts.commands.known_code import CodeMemory
from xstilts.commands.known_studies import record_start


def asked_elsewhere(command):
    """Input of a rule that only names the command to type."""

    def refuse(wildcards):
        options = "--configfile, --config and --directory"
        raise WorkflowError(f"type `xstilts {command}` instead, with the same {options}.")

    return refuse


for command in ["forecast", "stale", "prune", "explain", "sbatch-preview"]:

    rule:
        name:
            command.replace("-", "_")
        input:
            asked_elsewhere(command),
        localrule: True


# All rules are read: of no table's code will be asked again.
STUDY.code.cache.save()


# What code and config are when runs are made, so that a later forecast can name what was edited,
# and a later `stale` knows whose runs lie here.
onstart:
    if LIFE_SIGN:
        LIFE_SIGN.names(snakemake_bridge.own_lock_files(workflow))
    refuse_unpinned()
    CodeMemory(STUDY.code).save()
    record_start(STUDY)
