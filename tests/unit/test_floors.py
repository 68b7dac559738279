"""The floors of the house: what each room may import, at any depth of its code and when run."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = {
    "study": {"study"},
    "data": {"data", "study"},
    "encoders": {"encoders", "study"},
    "evaluation": {"evaluation", "data", "study"},
    "training": {"training", "evaluation", "data", "encoders", "study"},
    "similarity": {"similarity", "training", "data", "encoders", "study"},
    "inference": {"inference", "study"},
    "report": {"report", "study"},
    "hub": {"hub", "study"},
    "translation": {"translation", "data", "study"},
}
# Never, not even inside a function.
FORBIDDEN = {
    "study": {"torch", "transformers", "datasets", "pandas", "numpy", "pyarrow", "snakemake"},
    "data": {"torch", "transformers", "datasets", "pandas", "snakemake"},
    "encoders": {"pandas", "snakemake"},
    "evaluation": {"torch", "transformers", "snakemake"},
    "training": {"transformers", "snakemake"},
    "similarity": {"pandas", "transformers", "snakemake"},
    "inference": {"torch", "transformers", "snakemake"},
    "report": {"torch", "transformers", "snakemake"},
    "hub": {"torch", "snakemake"},
    "translation": {"pandas", "snakemake"},
}
# Not when a training job starts: about a hundred processes a study, seconds each.
SLOW = ("transformers", "pandas", "sklearn", "seqeval", "scipy", "altair", "datasets")
# Modules -> what must not be loaded once they all are.
LIGHT = {
    "training.target training.intermediate training.retrieval training.activations": SLOW,
    "data.prepare": ("torch", "transformers", "pandas", "sklearn", "scipy", "altair"),
    "evaluation.scores evaluation.gains evaluation.learning": ("torch", "transformers"),
    "similarity.embedding similarity.evidence": (*SLOW, "sentence_transformers"),
    "similarity.comparison similarity.task_map": ("torch", "tokenizers", *SLOW),
    "inference.study": ("torch", "transformers", "statsmodels", "sklearn"),
    "report.page": ("torch", "transformers", "sklearn"),
}


@pytest.fixture(scope="session")
def package(root: Path) -> Path:
    return root / "workflow" / "scripts" / "xstilts"


def imported(file: Path, package: Path) -> set[str]:
    """Full names of all modules that a file imports, lazily too; `from a import b` gives both."""
    here = ["xstilts", *file.relative_to(package).parent.parts]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def modules(package: Path, room: str) -> list[Path]:
    return sorted((package / room).rglob("*.py"))


def test_every_room_is_known(package):
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(ROOMS), "say in ROOMS what the new room may import"


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_runs_upward(package, room):
    broken = [
        f"{file.relative_to(package)} imports {name}"
        for file in modules(package, room)
        for name in imported(file, package)
        if name.startswith("xstilts.") and name.split(".")[1] not in {*ROOMS[room], "StudyError"}
    ]
    assert broken == []


@pytest.mark.parametrize("room", FORBIDDEN)
def test_heavy_packages_stay_in_their_rooms(package, room):
    broken = [
        f"{file.relative_to(package)} imports {name}"
        for file in modules(package, room)
        for name in imported(file, package)
        if name.split(".")[0] in FORBIDDEN[room]
    ]
    allowed = (
        "encoders/automodel.py imports transformers",
        # Within its one function, for files that were never read before.
        "study/parquet_columns.py imports pyarrow",
    )
    assert [one for one in broken if not one.startswith(allowed)] == []


def test_a_planted_upward_import_is_found(package, tmp_path):
    (tmp_path / "study").mkdir()
    planted = tmp_path / "study" / "a.py"
    planted.write_text("def f():\n    from ..training import loop\n    import torch.nn\n")
    assert imported(planted, tmp_path) == {"xstilts.training", "xstilts.training.loop", "torch.nn"}


def test_the_snakefile_imports_the_study_alone(root):
    rules = [root / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    lines = [line for path in rules for line in path.read_text().splitlines()]
    ours = [line for line in lines if "import" in line and "xstilts" in line]
    assert ours
    assert all(line.startswith("from xstilts.study") for line in ours)


@pytest.mark.parametrize("modules", LIGHT)
def test_modules_start_light(root, modules):
    names = ", ".join(f"xstilts.{name}" for name in modules.split())
    script = f"import sys, {names}\nprint(*[m for m in {LIGHT[modules]} if m in sys.modules])"
    environment = {
        **os.environ,
        "PYTHONPATH": str(root / "workflow" / "scripts"),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == ""


def test_no_two_test_modules_share_a_name(root: Path) -> None:
    """pytest imports each by its file name alone; two of one name stop the whole collection."""
    names = [file.stem for file in (root / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)
