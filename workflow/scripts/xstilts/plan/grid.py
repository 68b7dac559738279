"""The grid: which runs a study needs, each named by its recipe.

Everything here is computed from config, task sheets and file digests while the Snakefile is
parsed, so that a dry run knows the whole study.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.config.sheets import data_sets
from xstilts.config.source_languages import source_sheets, with_sources
from xstilts.config.study_config import Config, read_config, sheets_of
from xstilts.config.variants import plain, training_task, translated_sheets
from xstilts.core.canonical import canonical
from xstilts.core.fidelity import FULL, in_words
from xstilts.core.naming import at_fidelity
from xstilts.core.paths import FIDELITY, MLM_TEXT, RESULTS, STAGES
from xstilts.plan.available import Available
from xstilts.plan.data_recipes import DataRecipes
from xstilts.plan.downloads import repositories
from xstilts.plan.encoder_languages import pretraining_list, unknown_pretraining
from xstilts.plan.recipes import Run
from xstilts.plan.selected_cells import check_selection, read_selection
from xstilts.plan.similarity_recipes import SimilarityRecipes
from xstilts.plan.stage_code import StageCode
from xstilts.plan.task_kinds import check_heads, check_kinds, check_metrics
from xstilts.plan.training_recipes import BASELINE, MULTITASK, TrainingRecipes
from xstilts.plan.wider_data import WiderData, test_languages_of


@dataclass(frozen=True)
class Cell:
    """One intermediate task, one target task and one seed, with the run that holds its scores.

    `fidelity` is the name of a cheaper grid, "" the full one.
    """

    intermediate: str
    target: str
    seed: int
    run: Run
    parent: Run
    fidelity: str = ""

    @property
    def row(self) -> str:
        """Name of its row among those of all fidelities."""
        return at_fidelity(self.intermediate, self.fidelity)

    @property
    def place(self) -> tuple[str, str, int]:
        """Row, target and seed, by which plans name it."""
        return self.row, self.target, self.seed


class Study:
    """A config resolved into runs.

    Attributes:
        config: the config with all defaults.
        sheets: task sheets by name.
        languages: test languages by target task.
        intermediate_tasks, target_tasks: rows and columns that have their data.
        variants: rows `<task>+mlm` and `<task>+translated` that have theirs.
        pretraining: the list of languages that the encoder was pretrained on, if one is known.
        problems: sentences on what cannot run and what to do about it.
        code: code digests of the stages.
        prepared, fine_tunes, embeddings: the recipes.
        cheap_fine_tunes: those of the config's fidelity, or None.
        cells: those that tables and page are of: the full ones that the config selects, or where
            it selects none the cheap ones.
        cheap_cells: the cheap ones that it selects beside full ones.
        selection: the plan that selects them, or None.
    """

    def __init__(
        self,
        raw: Config,
        root: Path,
        wider: WiderData | None = None,
        *,
        is_one_of_several: bool = False,
        code: StageCode | None = None,
    ) -> None:
        """Resolve `raw` under the repository `root`.

        `wider` knows what is prepared in more languages; a job gets that of its main process.
        The study of one of several encoders has a folder below theirs, and may share `code`.

        Raises:
            StudyError: config, sheets or data files hold a mistake.
        """
        config = read_config(raw, root)
        sheets = sheets_of(root)
        check_kinds(sheets)
        check_metrics(sheets)
        sheets = sheets | source_sheets(config, sheets)
        config, lacking = with_sources(config, sheets)
        self.config, self.is_one_of_several = config, is_one_of_several
        check_heads(config, sheets)
        rows = config["intermediate_tasks"]
        self.sheets = sheets = sheets | translated_sheets(rows, sheets)
        available = Available(config, sheets, root)
        self.languages, self.problems = available.languages, [*lacking, *available.problems]
        self.intermediate_tasks = available.intermediate_tasks
        self.variants = available.variants
        self.target_tasks = available.target_tasks
        self.code = code or StageCode(config["code"], self.tables)
        self.prepared = DataRecipes(
            config, sheets, root, available, self.code, wider or WiderData()
        )
        self.fine_tunes = TrainingRecipes(self.prepared)
        self.cheap_fine_tunes = (
            TrainingRecipes(self.prepared, cheap=True) if config["fidelity"] else None
        )
        self.selection = read_selection(config)
        self.cells, self.cheap_cells = self._selected()
        trained = {(cell.intermediate, cell.seed) for cell in self.cells}
        read = self.cheap_fine_tunes if self.fidelity else None
        self.embeddings = SimilarityRecipes(config, sheets, read or self.fine_tunes, trained)
        self.problems += [*self._wider_than_asked(), *self._left_out(), *self._fidelities()]
        self.pretraining = pretraining_list(config, root)
        if self.pretraining is None:
            self.problems.append(unknown_pretraining(config))
        self.prepared.files.save()

    def _wider_than_asked(self) -> list[str]:
        return [
            f"{task}: of the predictions in {len(predicted)} languages that are there, the study "
            f"reads its own {len(self.languages[task])}."
            for task in self.prepared.wider.chosen
            if (predicted := test_languages_of(self.data(task).recipe))
        ]

    @cached_property
    def full_grid(self) -> list[Cell]:
        """All full cells, in order."""
        return list(self._cells(self.fine_tunes))

    @cached_property
    def cheap_grid(self) -> list[Cell]:
        """All cells of the config's fidelity, in order."""
        return list(self._cells(self.cheap_fine_tunes))

    @property
    def whole_grid(self) -> list[Cell]:
        """All cells of both."""
        return [*self.full_grid, *self.cheap_grid]

    def _selected(self) -> tuple[list[Cell], list[Cell]]:
        """Full and cheap cells, or cheap ones alone."""
        settings = self.config["fidelity"]
        if self.selection is None:
            # Recipes of cells that nobody asks for take their time.
            planned = settings and settings["full_cells"] == "planned"
            return (self.cheap_grid, []) if planned else (self.full_grid, self.cheap_grid)
        grid = {cell.place: cell for cell in self.whole_grid}
        check_selection(self.selection, grid, BASELINE)
        cells = [cell for key, cell in grid.items() if self.selection.has(*key)]
        full = [cell for cell in cells if not cell.fidelity]
        cheap = [cell for cell in cells if cell.fidelity]
        return (full, cheap) if full else (cheap, [])

    @property
    def fidelity(self) -> str:
        """The fidelity of tables and page: "" for the full one."""
        return self.cells[0].fidelity

    def _fidelities(self) -> list[str]:
        settings = self.config["fidelity"]
        if settings is None:
            return []
        name, words = settings["name"], in_words(settings)
        if self.fidelity:
            return [
                f"Every row is run at the fidelity '{name}' ({words}): all tables and the page are "
                "of these cheap runs, which tell what a task is worth and seldom which is best."
            ]
        if self.cheap_cells:
            return [
                f"{len(self.cheap_cells)} cells are run at the fidelity '{name}' ({words}) beside "
                f"{len(self.cells)} full ones: tables and page are of the full ones, and "
                "fidelity.tsv compares the two."
            ]
        return []

    def _left_out(self) -> list[str]:
        if self.selection is None:
            return []
        kept, whole = len(self.cells) + len(self.cheap_cells), len(self.whole_grid)
        there = {cell.intermediate for cell in [*self.cells, *self.cheap_cells]}
        absent = [row for row in self._all_rows if row not in there]
        rows = f" The rows {', '.join(absent)} are not run." if absent else ""
        return [f"{self.selection.path} selects {kept} of the {whole} cells of the grid.{rows}"]

    @property
    def by_encoder(self) -> dict[str, "Study"]:
        """The study itself by the name of its encoder, as `EncoderStudies` has several."""
        return {self.config["encoder"]["name"]: self}

    @property
    def root(self) -> Path:
        """The repository."""
        return self.prepared.root

    @property
    def encoder(self) -> Run:
        """The untuned encoder."""
        return self.prepared.encoder

    def data(self, task: str) -> Run:
        """The prepared data of `task`."""
        return self.prepared.data(task)

    def intermediate(self, name: str, seed: int) -> Run:
        """The encoder that row `name` starts its target tasks from."""
        return self.fine_tunes.intermediate(name, seed)

    def target(self, name: str, group: list[str], seed: int) -> Run:
        """The run of row `name` that holds the predictions for `group`."""
        return self.fine_tunes.target(name, group, seed)

    @property
    def target_groups(self) -> list[list[str]]:
        """Targets that share one fine-tune."""
        return self.fine_tunes.groups

    @cached_property
    def rows(self) -> list[str]:
        """Names of the rows that have cells, in the grid's order."""
        there = {cell.intermediate for cell in self.cells}
        return [row for row in self._all_rows if row in there]

    @cached_property
    def run_rows(self) -> list[str]:
        """Names of all rows that are run, at whichever fidelity."""
        return list(dict.fromkeys(cell.row for cell in [*self.cells, *self.cheap_cells]))

    @cached_property
    def _all_rows(self) -> list[str]:
        """The baseline, the intermediate tasks, the multi-task row, variants."""
        rows = [BASELINE, *self.intermediate_tasks]
        if self.config["multitask"]["enabled"] and len(self.fine_tunes.multitask_members) > 1:
            rows.append(MULTITASK)
        return [*rows, *self.variants]

    def _cells(self, recipes: TrainingRecipes | None) -> Iterable[Cell]:
        """The whole grid of one fidelity."""
        if recipes is None:
            return
        for name in self._all_rows:
            for seed in self.config["seeds"]:
                for group in self.target_groups:
                    run = recipes.target(name, group, seed)
                    parent = run.parents["intermediate"]
                    for target in group:
                        yield Cell(name, target, seed, run, parent, recipes.fidelity)

    @cached_property
    def runs(self) -> dict[str, dict[str, Run]]:
        """All runs by stage and name; a run that several cells share stands here once."""
        runs: dict[str, dict[str, Run]] = {stage: {} for stage in STAGES}

        def add(run: Run) -> None:
            if run.name in runs[run.stage]:
                return
            runs[run.stage][run.name] = run
            for parent in run.parents.values():
                for item in [parent] if isinstance(parent, Run) else parent.values():
                    for parent_run in [item] if isinstance(item, Run) else item.values():
                        add(parent_run)

        cells = [*self.cells, *self.cheap_cells]
        for run in [*(cell.run for cell in cells), *self.embeddings.runs]:
            add(run)
        # Once all runs are known, all code behind them is.
        self.code.cache.save()
        return runs

    @cached_property
    def repositories(self) -> dict[str, list[str]]:
        """What this study takes from the Hub: data sets and models."""
        stages = ("encoder", "translation", "data")
        runs = [run for stage in stages for run in self.runs[stage].values()]
        return repositories([run.recipe for run in runs])

    @property
    def unpinned(self) -> dict[str, list[str]]:
        """Those of the repositories whose commit is not known yet."""
        return self.prepared.revisions.unpinned(self.repositories)

    # What the tables need to know

    def contains_training_set(self, name: str, target: str) -> bool:
        """Whether row `name` has seen data that `target` is fine-tuned on (MNLI and XNLI)."""
        training_set = self.sheets[target]["training_set"]
        if name == BASELINE or training_set is None:
            return False
        several = name == MULTITASK
        members = self.fine_tunes.multitask_members if several else [training_task(name)]
        seen = {data for task in members for data in data_sets(task, self.sheets)}
        return bool(seen & data_sets(training_set, self.sheets))

    @property
    def tables(self) -> Path:
        """Folder of the study's tables and report."""
        own = [self.config["encoder"]["name"]] if self.is_one_of_several else []
        return RESULTS.joinpath("studies", self.config["study"], *own)

    def tables_of(self, cell: Cell) -> Path:
        """Folder of the scores and gains of a cell of the study."""
        return self.tables if cell.fidelity == self.fidelity else self.tables / FIDELITY

    def table_of_cells(self, cells: Iterable[Cell] | None = None) -> list[dict[str, Any]]:
        """Every cell with its run, as the table rules need it: plain JSON, in a fixed order.

        `cells` are those of the study's tables, or the cheap ones beside them.
        """
        return [
            {
                "intermediate": cell.intermediate,
                "target": cell.target,
                "seed": cell.seed,
                "fidelity": cell.fidelity or FULL,
                "run": cell.run.name,
                "parent_run": cell.parent.name,
                "same_data": self.contains_training_set(cell.intermediate, cell.target),
                "metrics": self.sheets[cell.target]["metrics"],
                **self._read_languages(cell.target),
            }
            for cell in (self.cells if cells is None else cells)
        ]

    @cached_property
    def text_of_cells(self) -> str:
        """`table_of_cells` as canonical JSON."""
        return canonical(self.table_of_cells())

    def _read_languages(self, target: str) -> dict[str, list[str]]:
        """The study's languages, where a run has predictions in more."""
        narrower = target in self.prepared.wider.chosen
        return {"languages": self.languages[target]} if narrower else {}

    @property
    def training_sets(self) -> dict[str, str | None]:
        """What each target is fine-tuned on, in whichever language."""
        sets = {name: self.sheets[name]["training_set"] for name in self.target_tasks}
        return {name: training_set and plain(training_set) for name, training_set in sets.items()}

    def trained_tasks(self) -> list[dict[str, Any]]:
        """Each task that is trained, with the folders of the runs that show how well it learns.

        A target is judged by the baseline row, which saw nothing but its own training set.
        """
        tasks = []
        for name in self.intermediate_tasks:
            folders = _folders(cell.parent for cell in self.cells if cell.intermediate == name)
            if folders:
                own = {"task": name, "role": "intermediate", "data": name, "folders": folders}
                tasks.append(own)
        baselines = [cell for cell in self.cells if cell.intermediate == BASELINE]
        for group in self.target_groups:
            training_set = self.sheets[group[0]]["training_set"]
            folders = _folders(cell.run for cell in baselines if cell.target in group)
            if training_set is not None and folders:
                tasks += [
                    {"task": task, "role": "target", "data": training_set, "folders": folders}
                    for task in group
                ]
        return tasks

    def compared_texts(self) -> dict[str, dict[str, Run]]:
        """The prepared data whose training sets are compared with whose test sets, by task.

        Of rows that a selection leaves out nothing is prepared.
        """
        sets = [self.sheets[task]["training_set"] for task in self.target_tasks]
        rows = [*self.intermediate_tasks, *self.variants]
        trained = dict.fromkeys([*map(training_task, rows), *filter(None, sets)])
        training = {task: self.data(task) for task in trained}
        if self.prepared.available.text_languages:
            training[MLM_TEXT] = self.prepared.text
        made = self.runs["data"]
        tests = {task: self.data(task) for task in self.target_tasks}
        return {
            "training": {task: run for task, run in training.items() if run.name in made},
            "tests": {task: run for task, run in tests.items() if run.name in made},
        }


def job_description(run: Run) -> str:
    """What a training job is told: recipe and places, as canonical JSON.

    Every path is relative to the working directory, so that it says nothing of the machine.
    """
    encoder, start = run.parents["encoder"], run.parents.get("intermediate")
    return canonical(
        {
            "name": run.name,
            "recipe": run.recipe,
            "folder": str(run.folder),
            "scratch": str(RESULTS / "scratch" / run.name),
            "encoder": str(encoder.folder),
            "intermediate": str(start.folder) if start and start != encoder else None,
            "inputs": {
                task: {role: str(parent.folder) for role, parent in by_role.items()}
                for task, by_role in run.parents["inputs"].items()
            },
        }
    )


def _folders(runs: Iterable[Run]) -> list[str]:
    """Folders of the runs, each once."""
    return list(dict.fromkeys(str(run.folder) for run in runs))
