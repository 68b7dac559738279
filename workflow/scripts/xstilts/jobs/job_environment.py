"""What every job of a workflow finds in its environment."""

import os


def import_from(folder: str) -> None:
    """Let this process's children import from `folder` first."""
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, *([known] if known else [])])
