"""Why a run is not there yet: its recipe against that of the nearest run that is.

A digest in a recipe stands for another run, so a difference there is followed into that run's
recipe: what is named in the end is what a user edited.
"""

from collections.abc import Iterator
from typing import Any

from xstilts.commands import differences
from xstilts.commands.differences import Change
from xstilts.commands.history import History, Label, PastRun
from xstilts.commands.known_code import CodeMemory
from xstilts.encoders.sources import encoder_source_of
from xstilts.plan.recipes import Run, all_parents


class Causes:
    """Answers why each run of a study would be made."""

    def __init__(
        self,
        history: History,
        memory: CodeMemory,
        last: frozenset[str] = frozenset(),
        started: bool = True,
    ) -> None:
        """`memory` knows which modules stand behind a digest of code.

        `last` are the runs behind the study's tables as they are, the first among equally near.
        Of a study that was not `started` before, nobody changed the code: other studies ran others.
        """
        self.history, self.memory, self.last = history, memory, last
        self.started = started
        self._between: dict[tuple[str, str], frozenset[Change]] = {}
        self._labels = [(run, Label.of(run.label)) for run in history.runs]

    def of(self, run: Run) -> frozenset[Change]:
        """Why `run`, which is not there, has to be made; never empty."""
        candidates = [past for past in self._candidates(run) if past.digest != run.digest]
        if not candidates:
            return frozenset({self._what_is_new(run)})
        # Of equally near ones the last to end, so that a forecast is the same every time.
        recent = sorted(candidates, key=lambda past: str(past.receipt.get("ended")), reverse=True)
        nearest = min(
            recent, key=lambda past: (len(self.between(past, run)), past.name not in self.last)
        )
        causes = self.between(nearest, run)
        if not self.started:
            causes = frozenset(change for change in causes if change.kind != "code")
        return causes or frozenset({Change("new", "not run before")})

    def _candidates(self, run: Run) -> list[PastRun]:
        if same := self.history.by_label.get((run.stage, run.label)):
            return same
        if run.stage == "encoder":
            return [past for past in self.history.runs if past.stage == "encoder"]
        if run.stage != "target":
            return []
        own = Label.of(run.label)
        return [
            past
            for past, label in self._labels
            if past.stage == "target"
            and (label.row, label.seed) == (own.row, own.seed)
            and label.targets & own.targets
        ]

    def _what_is_new(self, run: Run) -> Change:
        own = Label.of(run.label)
        known = [label for past, label in self._labels if past.stage == run.stage]
        if not known:
            return Change("new", "first run" if not self.history.runs else f"first {run.stage} run")
        if run.stage in ("data", "activations", "embeddings"):
            return Change("new", f"new task {run.label}")
        if own.row not in {label.row for label in known}:
            return Change("new", f"new row {own.row}")
        if own.seed and own.seed not in {label.seed for label in known}:
            return Change("new", f"new seed {own.seed}")
        if not any(label.targets & own.targets for label in known) and own.targets:
            return Change("new", f"new column {'+'.join(sorted(own.targets))}")
        return Change("new", "not run before")

    def between(self, past: PastRun, run: Run) -> frozenset[Change]:
        """Everything that separates `run` from `past`."""
        key = past.name, run.name
        if key not in self._between:
            self._between[key] = frozenset(self._differences(past, run))
        return self._between[key]

    def _differences(self, past: PastRun, run: Run) -> Iterator[Change]:
        old, new = past.recipe, run.recipe
        parents = {parent.digest: parent for parent in all_parents(run)}
        row = Label.of(run.label).row
        if run.stage == "encoder" and past.label != run.label:
            yield Change("key", "encoder.name", past.label, run.label)
        spoken = [differences.languages(recipe) for recipe in (old, new)]
        if spoken[0] != spoken[1]:
            yield Change("key", "languages", *spoken)
        elif old.get("splits") != new.get("splits"):
            yield Change("key", "task sheet, splits")
        for key, name, said in (
            ("tasks", "task", "multitask.tasks"),
            ("evaluation", "target", "target_tasks"),
        ):
            lists = [differences.members(recipe, key, name) for recipe in (old, new)]
            if lists[0] != lists[1]:
                yield Change("key", said, *lists)
        for path, (before, after) in differences.changed_leaves(old, new).items():
            if path[0] in ("tasks", "evaluation") and None in (before, after) and len(path) > 2:
                continue
            if path[-1] == "code":
                yield from self.memory.changed(before, after, run.stage)
            elif path == ("tokenizer",):
                yield from self._tokenizer(before, after, run)
            elif path[:2] == ("source", "files") and spoken[0] != spoken[1]:
                # Files come and go with their languages; others have other bytes.
                if None not in (before, after):
                    yield Change("file", path[2])
            elif str(after) in parents:
                yield from self._through(before, parents[str(after)])
            elif change := differences.change_of(path, before, after, run.stage, row):
                yield change

    def _tokenizer(self, old: str, new: str, run: Run) -> Iterator[Change]:
        identity = run.parents["encoder"].recipe["source"]
        source = encoder_source_of(identity["name"])
        if not source.is_made:
            yield Change("file", "tokenizer.json")
            return
        known = {source.tokenizer(identity, code): code for code in self.memory.codes}
        yield from self.memory.changed(known.get(old), known.get(new), "tokenizer")

    def _through(self, old_digest: Any, parent: Run) -> Iterator[Change]:
        old = self.history.by_digest.get(old_digest)
        if old is None:
            yield Change("new", f"{parent.label} is another run")
        elif old.stage == parent.stage:
            yield from self.between(old, parent)
        else:
            # The baseline's parent is the encoder itself.
            yield Change("key", "intermediate", old.label, parent.label)
