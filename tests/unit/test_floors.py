"""The floors of the house: what each room may import, at any depth of its code and when run."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Room -> the other rooms and packages that it may import. What decides numbers (from hub to
# similarity) knows neither config nor plan: a recipe reaches a job as JSON.
ROOMS: dict[str, set[str]] = {
    "core": set(),
    # A source is asked what it has while a study is planned; what is heavy it imports when read.
    "sources": {"generated_text", "core"},
    # A source of data, encoders or translation models is asked about what the config says of it.
    "config": {"sources", "encoders", "translation", "core"},
    # A kind of task is asked for its fields; what is heavy it imports when a job calls it. Of
    # evaluation and similarity, the names of metrics and measures.
    "plan": {
        "kinds",
        "evaluation",
        "similarity",
        "translation",
        "encoders",
        "config",
        "sources",
        "core",
    },
    "jobs": {"plan", "config", "core"},
    # What a plan may see, and what a replay of it has found, are asked of tables; `answer` has a
    # page.
    "commands": {"report", "inference", "jobs", "plan", "config", "hub", "encoders", "core"},
    "hub": {"core"},
    "data": {"sources", "core"},
    "encoders": {"data", "sources", "core"},
    "kinds": {"encoders", "data", "core"},
    "evaluation": {"core"},
    "training": {"kinds", "evaluation", "encoders", "data", "core"},
    "preparation": {"kinds", "data", "core"},
    "retrieval": {"training", "evaluation", "encoders", "data", "core"},
    "translation": {"preparation", "kinds", "data", "sources", "core"},
    "similarity": {"training", "kinds", "encoders", "data", "core"},
    "inference": {"mixed_models", "core"},
    "report": {"evaluation", "sources", "core"},
}
# Packages beside xstilts -> the rooms of it that they may import.
PACKAGES: dict[str, set[str]] = {"generated_text": set(), "mixed_models": set()}
LIGHT_ROOM = {"torch", "transformers", "datasets", "pandas", "numpy", "pyarrow", "snakemake"}
# Never, not even inside a function.
FORBIDDEN = {
    "core": LIGHT_ROOM,
    "sources": {"torch", "transformers", "datasets", "pandas", "snakemake"},
    "config": LIGHT_ROOM,
    "plan": LIGHT_ROOM,
    "jobs": LIGHT_ROOM,
    "commands": LIGHT_ROOM,
    "hub": {"torch", "snakemake"},
    "data": {"torch", "transformers", "datasets", "pandas", "snakemake"},
    "encoders": {"pandas", "snakemake"},
    "kinds": {"transformers", "pandas", "snakemake"},
    "evaluation": {"torch", "transformers", "snakemake"},
    "preparation": {"torch", "transformers", "datasets", "pandas", "snakemake"},
    "training": {"transformers", "snakemake"},
    "retrieval": {"transformers", "pandas", "snakemake"},
    "translation": {"pandas", "snakemake"},
    "similarity": {"pandas", "transformers", "snakemake"},
    "inference": {"torch", "transformers", "snakemake"},
    "report": {"torch", "transformers", "snakemake"},
}
ALLOWED = {
    "encoders/automodel.py imports transformers",
    # Within its one function, for files that were never read before.
    "plan/parquet_columns.py imports pyarrow",
    "plan/parquet_columns.py imports pyarrow.parquet",
    # Reads the users' files, as a script of its own.
    "commands/data_report.py imports pyarrow",
    "commands/data_report.py imports pyarrow.parquet",
    # Within its one function, of a study's tables.
    "commands/cell_result.py imports pyarrow.parquet",
}
# Not when a training job starts: about a hundred processes a study, seconds each.
SLOW = ("transformers", "pandas", "sklearn", "seqeval", "scipy", "altair", "datasets")
# Modules -> what must not be loaded once they all are.
LIGHT = {
    "plan.grid": ("numpy", "pyarrow", "torch", "tokenizers", *SLOW),
    "training.target training.intermediate retrieval.job training.activations": SLOW,
    "preparation.prepare": ("torch", "transformers", "pandas", "sklearn", "scipy", "altair"),
    "evaluation.scores evaluation.gains evaluation.learning": ("torch", "transformers"),
    "similarity.embedding similarity.evidence": (*SLOW, "sentence_transformers"),
    "similarity.comparison similarity.task_map": ("torch", "tokenizers", *SLOW),
    "inference.tables report.exports report.figures": (
        "numpy",
        "pyarrow",
        "torch",
        "mixed_models",
        *SLOW,
    ),
    "inference.run": ("torch", "transformers", "statsmodels", "sklearn"),
    "report.page": ("torch", "transformers", "sklearn"),
}


@pytest.fixture(scope="session")
def package(root: Path) -> Path:
    return root / "workflow" / "scripts" / "xstilts"


def imported(file: Path, package: Path, root: str = "xstilts") -> set[str]:
    """Full names of all modules that a file imports, lazily too; `from a import b` gives both."""
    here = [root, *file.relative_to(package).parent.parts]
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


def test_only_the_bridge_imports_snakemake(package):
    users = {
        file.name
        for file in package.rglob("*.py")
        if any(name.split(".")[0] == "snakemake" for name in imported(file, package))
    }
    assert users == {"snakemake_bridge.py"}


def rooms_of(names: set[str]) -> set[str]:
    """Rooms and packages of ours among the imported names."""
    rooms = {name.split(".")[1] for name in names if name.startswith("xstilts.")}
    return rooms | {name.split(".")[0] for name in names if name.split(".")[0] in PACKAGES}


def test_every_room_is_known(package):
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert rooms == set(ROOMS), "say in ROOMS what the new room may import"
    packages = {path.parent.name for path in package.parent.glob("*/__init__.py")}
    assert packages <= {"xstilts", *PACKAGES}


def test_rooms_form_no_circle():
    standing: set[str] = set()
    while left := {room for room in ROOMS if room not in standing}:
        next_floor = {room for room in left if ROOMS[room] - set(PACKAGES) <= standing}
        assert next_floor, f"each of {sorted(left)} imports another of them"
        standing |= next_floor


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_runs_upward(package, room):
    broken = [
        f"{file.relative_to(package)} imports {name}"
        for file in modules(package, room)
        for name in sorted(rooms_of(imported(file, package)) - {room} - ROOMS[room])
    ]
    assert broken == []


@pytest.mark.parametrize("other", PACKAGES)
def test_other_packages_stand_alone(package, other):
    broken = [
        f"{file.name} imports {name}"
        for file in modules(package.parent, other)
        for name in sorted(rooms_of(imported(file, package.parent)) - {other} - PACKAGES[other])
    ]
    assert broken == []


@pytest.mark.parametrize("room", FORBIDDEN)
def test_heavy_packages_stay_in_their_rooms(package, room):
    broken = [
        f"{file.relative_to(package)} imports {name}"
        for file in modules(package, room)
        for name in imported(file, package)
        if name.split(".")[0] in FORBIDDEN[room]
        and (name.split(".")[0] != "snakemake" or file.name != "snakemake_bridge.py")
    ]
    assert [sentence for sentence in broken if sentence not in ALLOWED] == []


def test_packages_beside_know_nothing_of_the_workflow(package):
    """Others can take them as they are."""
    beside = package.parent / "mixed_models"
    forbidden = {"xstilts", "torch", "transformers", "snakemake"}
    files = sorted(beside.rglob("*.py"))
    assert files
    named = {(file.name, name) for file in files for name in imported(file, beside, "mixed_models")}
    assert [one for one in named if one[1].split(".")[0] in forbidden] == []


def test_a_planted_upward_import_is_found(package, tmp_path):
    (tmp_path / "data").mkdir()
    planted = tmp_path / "data" / "a.py"
    planted.write_text("def f():\n    from ..training import loop\n    import torch.nn\n")
    assert imported(planted, tmp_path) == {"xstilts.training", "xstilts.training.loop", "torch.nn"}


def test_the_snakefile_imports_nothing_that_decides_numbers(root):
    rules = [root / "workflow" / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    lines = [line for path in rules for line in path.read_text().splitlines()]
    ours = [line for line in lines if "import" in line and "xstilts" in line]
    assert ours
    # What tables and figures are called, their one list; their makers import inside.
    for lists in ("inference.tables import inference_tables",
                  "inference.encoder_tables import ENCODER_TABLES",
                  "report.exports import PAPER_TABLES",
                  "report.figures import FIGURES"):  # fmt: skip
        ours.remove(f"from xstilts.{lists}")
    rooms = ("core", "config", "plan", "jobs", "commands")
    assert all(line.split()[1].split(".")[1] in rooms for line in ours)


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


# Reads attributes that are data, under names that a loop makes up.
DATA_BY_NAME = {
    "encoders/rates.py", "inference/analyses/relabelling.py", "kinds/methods/sentence_pair.py",
    "kinds/protocol.py", "report/report_inputs.py", "training/optimiser.py",
}  # fmt: skip


def test_no_method_is_called_by_a_made_up_name(package):
    """A run's digest follows methods by their names (`plan.code`): it must be able to see them."""
    numeric = [room for room in ROOMS if room not in ("core", "config", "plan", "jobs", "commands")]
    found = {
        str(file.relative_to(package))
        for room in numeric
        for file in modules(package, room)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("getattr", "attrgetter", "methodcaller")
        and not all(isinstance(name, ast.Constant) for name in node.args[1:2])
    }
    assert found <= DATA_BY_NAME
