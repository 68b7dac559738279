"""Which definitions stood behind a digest of code, so that an edit can be named afterwards.

Kept beside the runs and not in them: a receipt's reader would otherwise become part of the code
that names runs.
"""

from collections.abc import Iterator
from pathlib import Path

from xstilts.commands.differences import Change
from xstilts.core.files import json_object, write_memory
from xstilts.core.paths import CODE_DIGESTS
from xstilts.plan.stage_code import StageCode


class CodeMemory:
    """Digest of every definition, by the digest of the stage's code that they make up."""

    def __init__(self, code: StageCode, memory: Path = CODE_DIGESTS) -> None:
        """What `memory` holds, and what `code` is now."""
        self.memory = memory
        self.known: dict[str, dict[str, str]] = json_object(memory)
        self.new = {
            digest: definitions
            for digest, definitions in code.definitions.items()
            if digest not in self.known
        }

    def save(self) -> None:
        """Keep what the code is now; an unwritable folder only costs an edit its name."""
        if self.new:
            write_memory(self.memory, self.known | self.new)

    @property
    def codes(self) -> list[str]:
        """All digests of code that it knows."""
        return [*self.known, *self.new]

    def changed(self, old: str | None, new: str | None, stage: str) -> Iterator[Change]:
        """The modules in which two digests of a stage's code differ.

        A definition that only one of them has is told by the edit of what reaches it: that of
        code, or of the kinds of task that a run trains.
        """
        known = self.known | self.new
        before, after = known.get(str(old)), known.get(str(new))
        if before is None or after is None:
            yield Change("code", f"of the {stage} stage")
            return
        edited = {name for name in before.keys() & after.keys() if before[name] != after[name]}
        for module in sorted({name.partition(":")[0] for name in edited}):
            yield Change("code", module)
