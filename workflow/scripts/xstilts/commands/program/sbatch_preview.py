"""What SLURM will be told of each rule.

Whatever else stands on the command line goes to Snakemake as it is: --profile, --retries,
--set-resources, --default-resources, --slurm-requeue.
"""

import argparse
from pathlib import Path

from xstilts.commands.study_options import add_study_arguments, chosen_study, study_words

SUMMARY = "what SLURM will be told, rule by rule"
# Words that are no options of ours are Snakemake's.
PASSES_ON = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study's options and --profile."""
    add_study_arguments(parser)
    parser.add_argument("--profile", metavar="DIR", help="profiles/slurm, or your own")


def run(arguments: argparse.Namespace) -> None:
    """Print each rule's line of `sbatch`."""
    from xstilts.commands.sbatch_preview import preview
    from xstilts.jobs.snakemake_bridge import submissions

    # Before the working directory changes.
    words = [*_profile(arguments.profile), *study_words(arguments), *arguments.passed_on]
    chosen = chosen_study(arguments)
    runs = [run for stage in chosen.study.runs.values() for run in stage.values()]
    receipts = [run.receipt.as_posix() for run in runs]
    print(preview(submissions(["--snakefile", str(chosen.snakefile), *words]), receipts))


def _profile(profile: str | None) -> list[str]:
    if profile is None:
        return []
    # Snakemake also knows profiles by name, in folders of its own.
    return ["--profile", str(Path(profile).absolute()) if Path(profile).is_dir() else profile]
