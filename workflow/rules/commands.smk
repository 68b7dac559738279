# What is asked instead of run: forecast, stale, prune, explain. Answered here, while the Snakefile
# is read: no lock is taken, nothing has to exist, and Snakemake's own log stays out of the way.

from xstilts.study import commands
from xstilts.study.code_memory import CodeMemory
from xstilts.study.stale import record_start


def answer():
    """What the command in ASKED says."""
    root = Path(workflow.basedir)
    if ASKED.name == "forecast":
        resources = workflow.resource_settings
        at_once = resources.cores or resources.nodes or 1
        given = workflow.global_resources
        gpus = given["gpu"].value if "gpu" in given else at_once
        return commands.forecast(STUDY, Path(workflow.main_snakefile), config, at_once, gpus)
    if ASKED.name == "stale":
        return commands.list_stale(STUDY, root)
    if ASKED.name == "prune":
        return commands.prune_stale(STUDY, root, ASKED.dry)
    return commands.explain(STUDY, ASKED.question)


if ASKED:
    try:
        print(answer())
    except StudyError as error:
        raise WorkflowError(str(error)) from None
    sys.stdout.flush()
    sys.exit(0)


def only_alone(wildcards):
    """A command is answered above; here it stands beside other targets."""
    raise WorkflowError("forecast, stale, prune and explain go alone: name no other target.")


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
    CodeMemory(STUDY.code).save()
    record_start(STUDY)
