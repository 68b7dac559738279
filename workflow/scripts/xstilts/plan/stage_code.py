"""Which code decides a stage's numbers, and under which digest a study goes by it."""

import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.plan.code import Reached, code_digest
from xstilts.plan.digest_cache import DigestCache

# The module whose imports decide what each stage computes.
STAGE_CODE = {
    "encoder": "xstilts.encoders.build",
    "tokenizer": "xstilts.encoders.tokenizer",
    "data": "xstilts.preparation.prepare",
    "text": "xstilts.data.plain_text",
    "translation": "xstilts.translation.job",
    "activations": "xstilts.training.activations",
    "intermediate": "xstilts.training.intermediate",
    "target": "xstilts.training.target",
    "retrieval": "xstilts.retrieval.job",
    "embeddings": "xstilts.similarity.embedding",
    "evidence": "xstilts.similarity.evidence",
    "contamination": "xstilts.preparation.contamination",
    "scores": "xstilts.evaluation.scores",
    "gains": "xstilts.evaluation.gains",
    "item_errors": "xstilts.evaluation.item_errors",
    "learning": "xstilts.evaluation.learning",
    "runs": "xstilts.report.provenance",
    "similarity": "xstilts.similarity.task_map",
    "languages": "xstilts.inference.languages",
    "prediction": "xstilts.inference.prediction.expected_gains",
    "inference": "xstilts.inference.run",
    "joined": "xstilts.inference.encoders",
    "summary": "xstilts.evaluation.xtreme",
    "choice": "xstilts.evaluation.choice",
    "ties": "xstilts.report.tied_best",
    "layers": "xstilts.evaluation.layer_scores",
    "fidelity": "xstilts.inference.fidelity",
    "submission": "xstilts.evaluation.submission",
    "claims": "xstilts.report.claims",
    "report_inputs": "xstilts.report.input_files",
    "figures": "xstilts.report.figures",
    "drawing": "xstilts.report.drawing",
    "tables": "xstilts.report.exports",
    "report": "xstilts.report.page",
    "encoders_page": "xstilts.report.encoders_page",
    "screenshots": "xstilts.report.screenshots",
}
RUN_STAGES = tuple(STAGE_CODE)[:11]
PINS = "code.json"
# Packages whose modules are loaded by a name in the recipe: of them only those named there count.
OBJECTS = {
    "encoders": "xstilts.encoders.sources",
    "kinds": "xstilts.kinds",
    "metrics": "xstilts.evaluation.metrics",
    "sources": "xstilts.sources",
}


class StageCode:
    """Code digests of the stages: as the code is, or as the study's last tracked run had it.

    With `code: pinned` a refactoring leaves finished runs their names; their receipts say so.

    Attributes:
        definitions: digests of the definitions behind each digest given out, by module and name.
        digests: the digests given out, by stage and objects ("target kinds=span_qa").
    """

    def __init__(self, mode: str, tables: Path) -> None:
        """`mode` is the config's `code`, `tables` the study's folder."""
        self.pins = tables / PINS if mode == "pinned" else None
        self.digests: dict[str, str] = {}
        self.definitions: dict[str, dict[str, str]] = {}
        self.cache = DigestCache()

    def of(self, stage: str, **objects: Iterable[str]) -> str:
        """Digest of the code of `stage` that a recipe with these `objects` reaches.

        Raises:
            StudyError: the digests are pinned and the study has not run before.
        """
        named = {room: sorted(set(names)) for room, names in objects.items()}
        words = [f"{room}={'+'.join(names)}" for room, names in sorted(named.items())]
        key = " ".join([stage, *words])
        if key not in self.digests:
            self.digests[key] = self._pinned(key) if self.pins else self._tracked(key, named)
        return self.digests[key]

    def table(self, table: str) -> str:
        """Digest of the code behind a table, and of the templates beside it."""
        return str(self.cache.get(f"table {table}", lambda: code_digest([STAGE_CODE[table]])))

    def _tracked(self, key: str, named: dict[str, list[str]]) -> str:
        def follow() -> tuple[str, dict[str, str]]:
            packages = {OBJECTS[room]: names for room, names in named.items()}
            reached = Reached([STAGE_CODE[key.partition(" ")[0]]], packages)
            return reached.digest, reached.definitions

        digest, definitions = self.cache.get(key, follow)
        self.definitions[digest] = definitions
        return str(digest)

    def _pinned(self, key: str) -> str:
        try:
            return str(self._pins[key])
        except (OSError, ValueError, KeyError, TypeError):
            raise StudyError(
                f"config: `code: pinned` keeps the names of an earlier run of this study, but "
                f"{self.pins} is missing or damaged, or says nothing of '{key}'; run once with "
                "`code: tracked`."
            ) from None

    @cached_property
    def _pins(self) -> dict[str, str]:
        text = self.pins.read_text(encoding="utf-8") if self.pins else "{}"
        pins: dict[str, str] = json.loads(text)
        return pins
