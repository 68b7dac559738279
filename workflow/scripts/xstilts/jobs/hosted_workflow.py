"""The files of a workflow that Snakemake reads from a repository on a host: `gh:owner/name@tag`.

It reads Snakefile, rules and scripts one by one; the package, task sheets and captions need a
folder. The Snakefile loads this file alone, before there is a package to import from: so it imports
nothing of it, and what it uses of Snakemake that is not documented is not in `snakemake_bridge`.
"""

import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

# Beside what Snakemake keeps of a working directory, which a cluster's nodes see as well.
COPIES = Path(".snakemake", "xstilts")


def check_out(source: Any, copies: Path = COPIES) -> Path:
    """A folder with all files of the revision that `source` is of; written once for a commit.

    Args:
        source: a source file of Snakemake's.
        copies: where the folder goes.

    Raises:
        SystemExit: `source` is in no repository on a host.
    """
    if not hasattr(source, "hosted_repo"):
        # Of `git+file:` Snakemake 9.27 finds no scripts.
        sys.exit(
            f"xstilts: {source} is no folder here: clone the repository and name its Snakefile."
        )
    repository = source.hosted_repo.repo
    commit = repository.commit(source.ref).hexsha
    folder = copies.absolute() / commit
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{commit}.", dir=folder.parent))
    try:
        with tempfile.TemporaryFile() as archive:
            repository.archive(archive, treeish=commit)
            archive.seek(0)
            with tarfile.open(fileobj=archive) as files:
                files.extractall(part, filter="data")
        part.rename(folder)
    # Ctrl-C too leaves no half of a copy.
    except BaseException as error:
        # It has its own name already where Ctrl-C came last.
        shutil.rmtree(part, ignore_errors=True)
        another_was_first = isinstance(error, OSError) and folder.is_dir()
        if not another_was_first:
            raise
    return folder
