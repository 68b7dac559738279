# Helpers of all rules: the study, and what it says of a run. No rules here.

import atexit
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Sheets, schemas, captions and the package lie beside this file, wherever Snakemake was called and
# whichever workflow has this one as a module; results lie in the working directory.
REPOSITORY = Path(str(workflow.current_basedir)).parent.parent
if not REPOSITORY.is_dir():
    raise WorkflowError(
        f"{REPOSITORY} is no folder on this machine: clone the repository and give its Snakefile's path."
    )

# The package beside this Snakefile, here and in every job: what an environment has installed may
# be that of another checkout, whose runs would then bear the names of code that never ran.
SCRIPTS = str(REPOSITORY / "workflow" / "scripts")
sys.path.insert(0, SCRIPTS)

from xstilts.config.yaml_traps import check_files
from xstilts.core.canonical import canonical
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
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
from xstilts.jobs.resources import Measured, grows
from xstilts.plan import downloads
from xstilts.plan.encoders import read_study
from xstilts.plan.grid import job_description
from xstilts.plan.recipes import all_parents
from xstilts.plan.revisions import pin_command
from xstilts.plan.stage_code import table_digest
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
OWN = "/{encoder}" if SEVERAL else ""
TABLES = f"{STUDY.tables.as_posix()}{OWN}"
ALL_LOGS = f"logs/studies/{STUDY.config['study']}"
LOGS = f"{ALL_LOGS}{OWN}"
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


def predictions(part):
    """Predictions of the cells of a study."""
    return [(cell.run.folder / "predictions.parquet").as_posix() for cell in part.cells]


def receipts(part):
    """Receipts of the cells of a study."""
    return [cell.run.receipt.as_posix() for cell in part.cells]


def all_receipts(part):
    """Receipts of all runs of a study."""
    return [run.receipt.as_posix() for runs in part.runs.values() for run in runs.values()]


def names(stage):
    """Regular expression of the runs of a stage, so that a misspelt target matches no rule."""
    return "|".join(map(re.escape, RUNS[stage])) or "no-such-run"


def retrievals(kept):
    """As `names`, of the target runs that search (kept) or that train (not kept)."""
    runs = RUNS["target"].values()
    found = [run.name for run in runs if run.is_search == kept]
    return "|".join(map(re.escape, found)) or "no-such-run"


def recipe(stage):
    """The recipe of a stage's run as canonical JSON, which changes with nothing else."""
    return lambda wildcards: canonical(RUNS[stage][wildcards.run].recipe)


def job_of(stage):
    """What a training job of `stage` is told."""
    return lambda wildcards: job_description(RUNS[stage][wildcards.run])


def parents_of(stage, name="receipt.json", kind=None):
    """Receipts (or another file) of all runs, or those of one stage (`kind`), that a run reads.

    Names hold the content's digest, so a finished run has nothing to gain from a parent that is
    made anew, be it gone or damaged: it does without those that are not there. A run that is still
    to be made must wait for them: not ancient, since Snakemake then forgets outputs that are
    missing below a job that it repeats.
    """

    def files(wildcards):
        run = RUNS[stage][wildcards.run]
        parents = [one for one in all_parents(run) if kind in (None, one.stage)]
        if run.is_there() and not snakemake_bridge.forces_jobs(workflow):
            found = [parent for parent in parents if parent.is_there()]
            return [ancient((parent.folder / name).as_posix()) for parent in found]
        return [(parent.folder / name).as_posix() for parent in parents]

    return files


def folders_of(stage):
    """Folders of a run's direct parents, by role."""

    def folders(wildcards):
        parents = RUNS[stage][wildcards.run].parents
        return {role: run.folder.as_posix() for role, run in parents.items()}

    return folders


def fetched_splits(stage):
    """Files from the Hub that a run of `stage` reads. Names hold the commit: hence ancient."""

    def files(wildcards):
        found = downloads.fetched_files(RUNS[stage][wildcards.run].recipe)
        return [ancient(path.as_posix()) for path in found]

    return files


def fetched_encoder(wildcards):
    """The list of an encoder's fetched files, if it comes from the Hub."""
    files = downloads.fetched_encoder(RUNS["encoder"][wildcards.run].recipe)
    return [ancient(path.as_posix()) for path in files]


def fetched_translator(wildcards):
    """The list of a translation model's fetched files, if it comes from the Hub."""
    files = downloads.fetched_translator(RUNS["translation"][wildcards.run].recipe)
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
    return table_digest(table)
