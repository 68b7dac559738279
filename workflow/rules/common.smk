# Helpers of all rules: the study, and what it says of a run. No rules here.

import atexit
import gc
import os.path
import re
import runpy
import sys
from itertools import filterfalse
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# A plan is millions of objects that all stay: looking through them for garbage again and again took
# a fifth of a dry run, and once more at the end another fifth (of 40 x 14 x 5 seeds x 2 encoders).
gc.set_threshold(50_000, 50, 100)
atexit.register(gc.freeze)

# Sheets, schemas, captions and the package lie beside this file, wherever Snakemake was called and
# whichever workflow has this one as a module; results lie in the working directory.
REPOSITORY = Path(str(workflow.current_basedir)).parent.parent
if not REPOSITORY.is_dir():
    # Of a repository on a host (`gh:owner/name@tag`) Snakemake hands out single files.
    checkout = workflow.source_path("../scripts/xstilts/jobs/hosted_workflow.py")
    REPOSITORY = runpy.run_path(checkout)["check_out"](workflow.current_basedir)

# The package beside this Snakefile, here and in every job: what an environment has installed may
# be that of another checkout, whose runs would then bear the names of code that never ran.
SCRIPTS = str(REPOSITORY / "workflow" / "scripts")
sys.path.insert(0, SCRIPTS)

from xstilts.config.yaml_traps import check_files
from xstilts.core.canonical import canonical, digest
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.inference.encoder_tables import ENCODER_TABLES
from xstilts.inference.tables import inference_tables
from xstilts.jobs.forward_sigterm import pass_on_sigterm
from xstilts.jobs import snakemake_bridge
from xstilts.jobs.job_environment import (
    choice_handed_on,
    hand_on_choice,
    hand_on_precision,
    import_from,
    precision_handed_on,
)
from xstilts.jobs.life_signs import show_life
from xstilts.jobs.preloaded import launch
from xstilts.jobs.resources import Measured, grows, known_signature
from xstilts.plan import downloads
from xstilts.plan.encoders import read_study
from xstilts.plan.grid import job_description
from xstilts.plan.recipes import all_parents
from xstilts.plan.revisions import pin_command
from xstilts.plan.run_names import known_run, pattern_of
from xstilts.report.exports import PAPER_TABLES
from xstilts.report.figures import FIGURES

import_from(SCRIPTS)


# A study is one file (--configfile). Without one, the demo; its keys never mix with another's.
if not snakemake_bridge.gives_configfile(workflow):

    configfile: str(REPOSITORY / "config" / "config.yaml")


# Jobs parse this file as well; they are not the ones to judge whether a Snakemake still lives.
LIFE_SIGN = None
if snakemake_bridge.is_main_process(workflow):
    LIFE_SIGN, note = show_life(snakemake_bridge.STATE)
    if LIFE_SIGN:
        atexit.register(LIFE_SIGN.end)
    if note:
        logger.warning(note)
else:
    # In a cluster's job, so that training writes a checkpoint before its time is up.
    pass_on_sigterm()
    launch.withdraw_offer()

try:
    check_files(snakemake_bridge.configfiles(workflow))
    # What is finished may be more by the time that a job reads this: it gets its caller's choice.
    SETTLED = None if snakemake_bridge.is_main_process(workflow) else choice_handed_on()
    # So does what `precision: auto` came to: a node's processor may be another.
    if not snakemake_bridge.is_main_process(workflow) and precision_handed_on():
        config["precision"] = precision_handed_on()
    STUDY = read_study(config, REPOSITORY, SETTLED)
except StudyError as error:
    # A WorkflowError would come with a place in this file, which is not where the mistake is.
    sys.exit(f"xstilts: {error}")

if snakemake_bridge.is_main_process(workflow):
    hand_on_choice({name: part.prepared.wider.chosen for name, part in STUDY.by_encoder.items()})
    hand_on_precision(STUDY.config["precision"])

for problem in STUDY.problems:
    logger.warning(problem)

LANGUAGES = REPOSITORY / "resources" / "languages.tsv"
# The tables of one encoder's study. Where there are several, their folders and logs are told apart
# by the encoder's name, which is then a wildcard of the rules that make tables.
SEVERAL = len(STUDY.by_encoder) > 1
OWN = "{encoder}" if SEVERAL else ""
TABLES = (STUDY.tables / OWN).as_posix()
ALL_LOGS = f"logs/studies/{STUDY.config['study']}"
LOGS = Path(ALL_LOGS, OWN).as_posix()
RUNS = STUDY.runs
# Once all runs are known, all code behind them is.
CODE = {name: canonical(part.code.digests) for name, part in STUDY.by_encoder.items()}


wildcard_constraints:
    encoder="|".join(map(re.escape, STUDY.by_encoder)),


GPUS = int(STUDY.config["accelerator"] == "gpu")
MEASURED = Measured(STUDY)

# A GPU's jobs are long, and CUDA does not survive a fork.
if STUDY.config["preloaded"] and not GPUS and snakemake_bridge.is_main_process(workflow):
    launch.offer(lambda: snakemake_bridge.runs_jobs_itself(workflow), logger.warning)


def part_name(wildcards):
    """The encoder whose tables a job makes."""
    return wildcards.encoder if SEVERAL else next(iter(STUDY.by_encoder))


def own(asked):
    """What is `asked` of the study of the encoder whose tables a job makes."""

    return lambda wildcards: asked(STUDY.by_encoder[part_name(wildcards)])


def own_json(asked):
    """As `own`, as canonical JSON."""
    return own(lambda part: canonical(asked(part)))


def tables_of_all(pattern):
    """The files of `pattern`, of every encoder's study."""
    return expand(pattern, encoder=STUDY.by_encoder) if SEVERAL else pattern


def receipts(part):
    """Receipts of the runs behind the cells of a study, each once."""
    return list(dict.fromkeys(cell.run.receipt.as_posix() for cell in part.cells))


def predictions_of(receipt):
    """What a run has predicted, beside its receipt."""
    return receipt.replace("receipt.json", "predictions.parquet")


def predictions_lost(part):
    """Those of finished runs. A job makes both, but asked for a receipt alone does not look."""
    finished = filter(os.path.exists, receipts(part))
    return list(filterfalse(os.path.exists, map(predictions_of, finished)))


def lost_since(part):
    """Receipts and predictions of the cells of a study that were lost since its index was made.

    Whoever waits for the index waits for all of them. Only where it is there already must he ask
    for those that are not, as a run that turns out to be damaged is withdrawn. Each of thousands
    of files as an input of each of a dozen rules made a third of a plan.
    """
    if not (part.tables / "index.tsv").exists():
        return []
    made = receipts(part)
    return list(filterfalse(os.path.exists, [*made, *map(predictions_of, made)]))


def all_receipts(part):
    """Receipts of all runs of a study."""
    return [run.receipt.as_posix() for runs in part.runs.values() for run in runs.values()]


def names(stage):
    """Regular expression of the runs of a stage, so that a misspelt target matches no rule."""
    return pattern_of(RUNS[stage].values())


def retrievals(kept):
    """As `names`, of the target runs that search (kept) or that train (not kept)."""
    return pattern_of(run for run in RUNS["target"].values() if run.is_search == kept)


def run_of(stage, wildcards):
    """The run of a stage; a name that looks like one may be that of another study."""
    try:
        return known_run(RUNS[stage], wildcards.run)
    except StudyError as error:
        # Of an error in such a function Snakemake would print the way through the program.
        sys.exit(f"xstilts: {error}")


def recipe(stage):
    """The recipe of a stage's run as canonical JSON, which changes with nothing else."""
    return known_signature(lambda wildcards: canonical(run_of(stage, wildcards).recipe))


def job_of(stage):
    """What a training job of `stage` is told."""
    return known_signature(lambda wildcards: job_description(run_of(stage, wildcards)))


def parents_of(stage, name="receipt.json", kind=None):
    """Receipts (or another file) of all runs, or those of one stage (`kind`), that a run reads.

    Names hold the content's digest, so a finished run has nothing to gain from a parent that is
    made anew, be it gone or damaged: it does without those that are not there. A run that is still
    to be made must wait for them: not ancient, since Snakemake then forgets outputs that are
    missing below a job that it repeats.
    """

    @known_signature
    def files(wildcards):
        run = run_of(stage, wildcards)
        parents = [parent for parent in all_parents(run) if kind in (None, parent.stage)]
        if run.is_there() and not snakemake_bridge.forces_jobs(workflow):
            there = [parent for parent in parents if parent.is_there()]
            return [ancient(f"{parent.folder.as_posix()}/{name}") for parent in there]
        return [f"{parent.folder.as_posix()}/{name}" for parent in parents]

    return files


def folders_of(stage):
    """Folders of a run's direct parents, by role."""

    def folders(wildcards):
        parents = run_of(stage, wildcards).parents
        return {role: run.folder.as_posix() for role, run in parents.items()}

    return folders


def fetched_splits(stage):
    """Files from the Hub that a run of `stage` reads. Names hold the commit: hence ancient."""

    def files(wildcards):
        splits = downloads.fetched_files(run_of(stage, wildcards).recipe)
        return [ancient(path.as_posix()) for path in splits]

    return files


def fetched_encoder(wildcards):
    """The list of an encoder's fetched files, if it comes from the Hub."""
    files = downloads.fetched_encoder(run_of("encoder", wildcards).recipe)
    return [ancient(path.as_posix()) for path in files]


def fetched_translator(wildcards):
    """The list of a translation model's fetched files, if it comes from the Hub."""
    files = downloads.fetched_translator(run_of("translation", wildcards).recipe)
    return [ancient(path.as_posix()) for path in files]


def refuse_unpinned():
    """End a run that would have to fetch what nobody has pinned; a dry run may go on."""
    fetching = {"fetch_split", "fetch_encoder", "fetch_translator"}
    if fetching & snakemake_bridge.rules_to_run(workflow):
        files = " ".join(map(str, snakemake_bridge.configfiles(workflow))) or "config/config.yaml"
        problem = pin_command(STUDY.unpinned, files)
        if problem:
            raise WorkflowError(problem)


def code_of(table):
    """Digest of the code behind a table, so that an edit makes the table anew."""
    return STUDY.code.table(table)


def compared(part):
    """Receipts of the prepared data of a study that are compared."""
    return sorted(
        {run.receipt.as_posix() for runs in part.compared_texts().values() for run in runs.values()}
    )


def cheap_receipts(part):
    """Receipts of the runs behind the cheap cells beside full ones, each once."""
    return list(dict.fromkeys(cell.run.receipt.as_posix() for cell in part.cheap_cells))


def cheap_predictions(part):
    """What these runs have predicted."""
    return list(map(predictions_of, cheap_receipts(part)))


def targets_without_training(part):
    """Targets of a study that nothing is trained for."""
    return [name for name in part.target_tasks if not part.sheets[name]["training_set"]]


def kinds_of_tasks(part):
    """The kind of each task of a study."""
    tasks = [*part.intermediate_tasks, *part.target_tasks]
    return {name: part.sheets[name]["kind"] for name in tasks}


def titles(part):
    """What each task is called in full."""
    return {name: sheet["title"] for name, sheet in part.sheets.items()}


def report_settings(part):
    """What page, figures and tables are told besides their files."""
    return {
        "config": part.config,
        "rows": part.rows,
        "targets": part.target_tasks,
        "problems": part.problems,
        "titles": titles(part),
        "contracts": CONTRACTS,
        "captions": REPORT_CAPTIONS,
    }


def files_of(name):
    """What the page of an encoder is made from, by what it is."""
    return {
        key: (
            [path.replace("{encoder}", name) for path in files]
            if isinstance(files, list)
            else files.replace("{encoder}", name)
        )
        for key, files in REPORT_FILES.items()
    }


def flat(files):
    """Files and lists of files as one list."""
    return [path for each in files for path in (each if isinstance(each, list) else [each])]
