# What is asked instead of run: forecast, stale, prune, explain. Answered here, while the Snakefile
# is read: no lock is taken, nothing has to exist, and Snakemake's own log stays out of the way.

from xstilts.commands.command_text import answer
from xstilts.commands.known_code import CodeMemory
from xstilts.commands.known_studies import record_start

if ASKED:
    at_once = workflow.resource_settings.cores or workflow.resource_settings.nodes or 1
    given = workflow.global_resources
    try:
        text = answer(
            ASKED,
            STUDY,
            snakefile=Path(workflow.main_snakefile),
            config=config,
            cores=at_once,
            gpus=given["gpu"].value if "gpu" in given else at_once,
        )
    except StudyError as error:
        raise WorkflowError(str(error)) from None
    print(text, flush=True)
    sys.exit(0)


# What the config in hand would run again, why, and what it will cost.
rule forecast:
    input:
        only_alone,
    localrule: True


# Runs below results/ that no config names, with sizes and ages.
rule stale:
    input:
        only_alone,
    localrule: True


# Delete what `stale` listed last and is stale still.
rule prune:
    input:
        only_alone,
    localrule: True


# Where a number comes from: --config run=NAME or cell=INTERMEDIATE/TARGET/SEED.
rule explain:
    input:
        only_alone,
    localrule: True


# What code and config are when runs are made, so that a later forecast can name what was edited,
# and a later `stale` knows whose runs lie here.
onstart:
    if LIFE_SIGN:
        # Of Snakemake's insides: which lock files are this process's own.
        LIFE_SIGN.names(getattr(workflow.persistence, "_lockfile", {}).values())
    refuse_unpinned()
    CodeMemory(STUDY.code).save()
    record_start(STUDY)
