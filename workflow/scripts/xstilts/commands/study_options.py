"""Which study a command is about: options that Snakemake has, spelt as it spells them."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from xstilts.config.study_config import Config
from xstilts.config.yaml_traps import check_files
from xstilts.core.errors import StudyError
from xstilts.jobs.snakemake_bridge import merged_config
from xstilts.plan.encoders import AnyStudy, read_study

# The repository that this package lies in, with its sheets, schemas and configs.
REPOSITORY = Path(__file__).resolve().parents[4]
SNAKEFILE = REPOSITORY / "workflow" / "Snakefile"
DEFAULT_CONFIG = REPOSITORY / "config" / "config.yaml"


@dataclass(frozen=True)
class ChosenStudy:
    """The study that a command line names.

    Attributes:
        study: resolved into runs.
        config: as it was given, without defaults.
        snakefile: of the workflow that runs it.
    """

    study: AnyStudy
    config: Config
    snakefile: Path


def add_study_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --configfile, --config, --directory and --snakefile."""
    group = parser.add_argument_group("the study, as for snakemake")
    group.add_argument(
        "--configfile",
        "--configfiles",
        nargs="+",
        action="extend",
        type=Path,
        default=[],
        metavar="FILE",
        help="config of the study; later files win (default: the demo)",
    )
    group.add_argument(
        "--config",
        "-C",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="single keys, which win over the files",
    )
    group.add_argument(
        "--directory", "-d", type=Path, metavar="DIR", help="working directory, that of results/"
    )
    group.add_argument(
        "--snakefile",
        "-s",
        type=Path,
        metavar="FILE",
        help="of a workflow that has this one as a module",
    )


def chosen_study(arguments: argparse.Namespace) -> ChosenStudy:
    """The study of the command line; from now on the working directory is the study's.

    Sentences on what of it cannot run go to standard error, as Snakemake's warnings do.

    Raises:
        StudyError: there is no such study, or its config holds a mistake.
    """
    snakefile = _snakefile(arguments)
    files = [file.absolute() for file in arguments.configfile] or [_default_config(snakefile)]
    check_files(files)
    config = merged_config(files, arguments.config)
    change_directory(arguments)
    study = read_study(config, REPOSITORY)
    for problem in study.problems:
        print(problem, file=sys.stderr)
    return ChosenStudy(study, config, snakefile)


def study_words(arguments: argparse.Namespace) -> list[str]:
    """Config files and keys as words for Snakemake, which hold in any working directory."""
    files = [str(file.absolute()) for file in arguments.configfile]
    words = ["--configfile", *files] if files else []
    return [*words, "--config", *arguments.config] if arguments.config else words


def change_directory(arguments: argparse.Namespace) -> None:
    """Go to --directory, if it is given.

    Raises:
        StudyError: there is no such folder.
    """
    if arguments.directory is None:
        return
    if not arguments.directory.is_dir():
        raise StudyError(f"--directory: there is no folder '{arguments.directory}'.")
    os.chdir(arguments.directory)


def _snakefile(arguments: argparse.Namespace) -> Path:
    file = (arguments.snakefile or SNAKEFILE).resolve()
    if arguments.snakefile and not file.is_file():
        raise StudyError(f"--snakefile: there is no file '{arguments.snakefile}'.")
    if not file.is_file():
        raise StudyError(
            f"there is no workflow around this package (looked for {file}): clone the repository "
            "and install it with `pip install --editable`."
        )
    return file


def _default_config(snakefile: Path) -> Path:
    if snakefile != SNAKEFILE:
        raise StudyError(f"--snakefile {snakefile}: name the study's config with --configfile.")
    return DEFAULT_CONFIG
