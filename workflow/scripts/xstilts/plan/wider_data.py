"""Prepared data in more languages than a study asks for, whose predictions it can read.

What a fine-tune learns depends on no test language, and a prediction on no other one. So a study
that is cut down to fewer languages reads what was predicted in all of them, in place of training
everything again. Only where that is finished already; otherwise a study asks for its own
languages alone, as each costs time.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.core.paths import RESULTS, stage_folder
from xstilts.core.receipts import read_receipt
from xstilts.plan.recipes import Recipe, Run

Part = Mapping[str, Any]


class WiderData:
    """Which prepared data stand for those that a study would prepare.

    Attributes:
        chosen: name of the run that is read, by task.
    """

    def __init__(self, settled: Mapping[str, str] | None = None) -> None:
        """`settled` is the choice of the process whose job this is; without it one is made."""
        self.settled = settled
        self.chosen: dict[str, str] = {}

    def instead_of(self, own: Run) -> Run:
        """Wider data for which a baseline is finished, where there is none for `own`; else `own`.

        Of several, those in the fewest languages. They differ from `own` in test languages alone,
        with the same files for those that it has.
        """
        task = own.recipe["task"]
        if self.settled is None:
            names = {path.name for path in stage_folder("data").glob(f"{task}-*")} - {own.name}
        else:
            names = {self.settled[task]} if task in self.settled else set()
        wider = [run for run in _finished(own, names) if _is_wider(run.recipe, own.recipe)]
        if self.settled is None and wider:
            predicted = set() if own.digest in self._predicted else self._predicted
            wider = [run for run in wider if run.digest in predicted]
        if not wider:
            return own
        run = min(wider, key=lambda run: (len(run.recipe["splits"]["test"]), run.name))
        self.chosen[task] = run.name
        return run

    @cached_property
    def _predicted(self) -> set[str]:
        """Digests of the data that a finished baseline has predictions on."""
        digests = set()
        for folder in (RESULTS / "runs" / "target").glob("none--*"):
            with suppress(StudyError):
                evaluated = read_receipt(folder)["recipe"].get("evaluation", [])
                digests |= {target["data"] for target in evaluated}
        return digests


def _finished(own: Run, names: Collection[str]) -> Iterator[Run]:
    """The runs called `names`, which prepared the same task as `own`."""
    for name in sorted(names):
        with suppress(StudyError):
            recipe = read_receipt(stage_folder("data") / name)["recipe"]
            run = Run("data", own.label, recipe, own.parents)
            if run.name == name and run.is_there():
                yield run


def test_languages_of(recipe: Recipe) -> set[str]:
    """Languages of the test sets that a data recipe makes."""
    return {part["language"] for part in recipe["splits"]["test"]}


def _is_wider(recipe: Recipe, own: Recipe) -> bool:
    """Whether `recipe` makes all that `own` does, and test sets in further languages."""
    # Labels that come from the data come from the test sets as well.
    if own["labels"] == "from_data" or _without_tests(recipe) != _without_tests(own):
        return False
    languages = test_languages_of(own)
    tests = recipe["splits"]["test"]
    further = [part for part in tests if part["language"] not in languages]
    same = [part for part in tests if part["language"] in languages]
    return bool(further) and same == own["splits"]["test"] and _same_files(recipe, own, further)


def _without_tests(recipe: Recipe) -> str:
    source = {key: value for key, value in recipe["source"].items() if key != "files"}
    splits = {**recipe["splits"], "test": []}
    return digest({**recipe, "source": source, "splits": splits})


def _same_files(recipe: Recipe, own: Recipe, further: Collection[Part]) -> bool:
    """Whether both read the same files, but for those of the parts `further`."""
    theirs, ours = (read["source"].get("files", {}) for read in (recipe, own))
    extra = {name for name in theirs if name not in ours}
    return all(theirs.get(name) == ours[name] for name in ours) and all(
        any(_is_of(name, part) for part in further) for name in extra
    )


def _is_of(name: str, part: Part) -> bool:
    """Whether the file `name` of a data folder is that of `part`, or a shard of it."""
    split = f"{part['dataset'].replace('/', '__')}/{part['config']}/{part['split']}"
    return name == f"{split}.parquet" or name.startswith(f"{split}-")
