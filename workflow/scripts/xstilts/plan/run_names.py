"""How names of runs look to Snakemake, and what is said of a name that no run has."""

import difflib
import re
from collections.abc import Iterable, Mapping

from xstilts.core.canonical import DIGEST_LENGTH
from xstilts.core.errors import StudyError
from xstilts.plan.recipes import Run

SEED = re.compile(r"-seed\d+$")


def pattern_of(runs: Iterable[Run]) -> str:
    """A regular expression of the names of `runs`: what they end with, any row, seed and digest.

    Not the names themselves: Snakemake goes through the text of a wildcard's constraint for every
    file of every job, so that thousands of names would take a time that grows with their square.
    """
    ends = sorted({SEED.sub("", run.label).rpartition("--")[2] for run in runs})
    if not ends:
        return "no-such-run"
    tasks = "|".join(map(re.escape, ends))
    return f"(?:[^/]+--)?(?:{tasks})(?:-seed[0-9]+)?-[0-9a-f]{{{DIGEST_LENGTH}}}"


def known_run(runs: Mapping[str, Run], name: str) -> Run:
    """The run called `name`.

    Raises:
        StudyError: the study has none; the nearest is named.
    """
    if name not in runs:
        # Not `errors.nearest`, which lists all names where none is close: here these are thousands.
        labels = {run.label: run.name for run in runs.values()}
        # By the readable half: digests that differ are alike or not by chance.
        close = difflib.get_close_matches(name.rpartition("-")[0], labels, n=1, cutoff=0.0)
        hint = f"did you mean '{labels[close[0]]}'?" if close else "it has none of this stage."
        raise StudyError(f"'{name}' is no run of this study; {hint}")
    return runs[name]
