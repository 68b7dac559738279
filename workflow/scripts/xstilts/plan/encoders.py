"""A study of several encoders: the grid of each, and what they have in common."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from xstilts.config.encoders import Config, configs_by_encoder, told_of_encoder, validated
from xstilts.config.sheets import Sheet
from xstilts.core.errors import StudyError
from xstilts.core.paths import RESULTS, STAGES
from xstilts.plan.grid import Cell, Study
from xstilts.plan.recipes import Run
from xstilts.plan.selected_cells import Selection
from xstilts.plan.stage_code import StageCode
from xstilts.plan.wider_data import WiderData

T = TypeVar("T")
# What is prepared in more languages, by task, by encoder.
Choices = Mapping[str, Mapping[str, str]]


class EncoderStudies:
    """The studies of several encoders, with what commands ask of a study.

    Attributes:
        config: what they have in common, and `encoders`.
        by_encoder: the study of each, by the encoder's name.
        problems: sentences on what cannot run; what is so of one encoder alone begins with it.
    """

    def __init__(self, config: Config, root: Path, settled: Choices | None = None) -> None:
        """Resolve a validated `config` of several encoders under the repository `root`.

        `settled` is what the process whose job this is has chosen.

        Raises:
            StudyError: as of a study; or two encoders are the same.
        """
        self.root = root
        self.by_encoder: dict[str, Study] = {}
        code = None
        for name, own in configs_by_encoder(config).items():
            wider = WiderData(None if settled is None else settled.get(name, {}))
            with told_of_encoder(config, name):
                study = Study(own, root, wider, is_one_of_several=True, code=code)
            # Digests of code are the same for all, but for those that a study of old had.
            code = study.code if study.config["code"] == "tracked" else None
            self.by_encoder[name] = study
        self.first = next(iter(self.by_encoder.values()))
        shared = {key: value for key, value in self.first.config.items() if key != "encoder"}
        self.config = shared | {"encoders": config["encoders"]}
        self._check_different()
        self.problems = self._problems()

    def _check_different(self) -> None:
        seen: dict[tuple[str, int], str] = {}
        for number, (name, study) in enumerate(self.by_encoder.items()):
            same = study.encoder.digest, study.config["encoder"]["frozen_layers"]
            if same in seen:
                raise StudyError(
                    f"config, key 'encoders.{number}': '{name}' is the same encoder as "
                    f"'{seen[same]}', with as many frozen layers, and would tell nothing of its "
                    "own; take one of them out."
                )
            seen[same] = name

    def _problems(self) -> list[str]:
        own = {name: dict.fromkeys(study.problems) for name, study in self.by_encoder.items()}
        sentences = dict.fromkeys(problem for problems in own.values() for problem in problems)
        return [
            sentence
            for problem in sentences
            for sentence in (
                [problem]
                if all(problem in problems for problems in own.values())
                else [f"{name}: {problem}" for name, problems in own.items() if problem in problems]
            )
        ]

    @property
    def tables(self) -> Path:
        """Folder of the tables and the page over all encoders."""
        return RESULTS / "studies" / self.config["study"]

    @property
    def code(self) -> StageCode:
        """Code digests of the stages."""
        return self.first.code

    @property
    def selection(self) -> Selection | None:
        """The plan that selects the cells of every encoder's grid."""
        return self.first.selection

    @property
    def sheets(self) -> dict[str, Sheet]:
        """Task sheets by name."""
        return self.first.sheets

    @property
    def languages(self) -> dict[str, list[str]]:
        """Test languages by target task, which no encoder has a part in."""
        return self.first.languages

    @cached_property
    def cells(self) -> list[Cell]:
        """Those of all encoders; of one place in the grid, one with each encoder."""
        return [cell for study in self.by_encoder.values() for cell in study.cells]

    @cached_property
    def cheap_cells(self) -> list[Cell]:
        """Cheap cells beside full ones, of all encoders."""
        return [cell for study in self.by_encoder.values() for cell in study.cheap_cells]

    @cached_property
    def run_rows(self) -> list[str]:
        """Rows that an encoder has, at whichever fidelity."""
        return _joined(study.run_rows for study in self.by_encoder.values())

    @cached_property
    def whole_grid(self) -> list[Cell]:
        """As `cells`, also those that the config does not select."""
        return [cell for study in self.by_encoder.values() for cell in study.whole_grid]

    @cached_property
    def rows(self) -> list[str]:
        """Rows that an encoder has."""
        return _joined(study.rows for study in self.by_encoder.values())

    @cached_property
    def intermediate_tasks(self) -> list[str]:
        """Intermediate tasks that an encoder has."""
        return _joined(study.intermediate_tasks for study in self.by_encoder.values())

    @cached_property
    def target_tasks(self) -> list[str]:
        """Target tasks that an encoder has."""
        return _joined(study.target_tasks for study in self.by_encoder.values())

    @cached_property
    def runs(self) -> dict[str, dict[str, Run]]:
        """All runs by stage and name; what encoders share stands here once."""
        runs: dict[str, dict[str, Run]] = {stage: {} for stage in STAGES}
        for study in self.by_encoder.values():
            for stage, own in study.runs.items():
                runs[stage] |= {name: run for name, run in own.items() if name not in runs[stage]}
        return runs

    @cached_property
    def repositories(self) -> dict[str, list[str]]:
        """What the studies take from the Hub: data sets and models."""
        return _by_kind(study.repositories for study in self.by_encoder.values())

    @property
    def unpinned(self) -> dict[str, list[str]]:
        """Those of the repositories whose commit is not known yet."""
        return _by_kind(study.unpinned for study in self.by_encoder.values())


AnyStudy = Study | EncoderStudies


def read_study(raw: Config, root: Path, settled: Choices | None = None) -> AnyStudy:
    """The study that `raw` describes, of one encoder or of several, under the repository `root`.

    `settled` is what the process whose job this is has chosen.

    Raises:
        StudyError: config, sheets or data files hold a mistake.
    """
    config = validated(raw)
    if "encoders" in config:
        return EncoderStudies(config, root, settled)
    choice = None if settled is None else settled.get(config["encoder"]["name"], {})
    return Study(raw, root, WiderData(choice))


def _joined(lists: Iterable[Iterable[T]]) -> list[T]:
    """What is in any of `lists`, once, in their order."""
    return list(dict.fromkeys(item for items in lists for item in items))


def _by_kind(wanted: Iterable[Mapping[str, list[str]]]) -> dict[str, list[str]]:
    every = list(wanted)
    return {kind: sorted(_joined(names[kind] for names in every)) for kind in every[0]}
