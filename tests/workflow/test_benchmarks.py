"""Every script in benchmarks/ finds what it imports, though no test runs it."""

import subprocess
import sys
from pathlib import Path

# What one script adds to the path, or has imported of the project, is not there for the next one.
IMPORT_ALL = """
import importlib, pathlib, sys
root = pathlib.Path.cwd().parent
for script in sorted(pathlib.Path().glob("*.py")):
    path = list(sys.path)
    try:
        importlib.import_module(script.stem)
    except Exception as error:
        print(f"{script.name}: {error!r}")
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and root in pathlib.Path(file).parents and "site-packages" not in file:
            del sys.modules[name]
"""


def test_every_benchmark_finds_what_it_imports(root: Path):
    ended = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        cwd=root / "benchmarks", capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
