"""What a job imports, seen in a Python of its own."""

import os
import subprocess
import sys


def assert_never_imported(code: str, *modules: str) -> None:
    """Whether `code`, run by a new Python, ends well and without having imported any of these."""
    told = f"{code}import sys\nsys.exit(', '.join({set(modules)!r} & set(sys.modules)) or 0)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", told], env=environment, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
