"""Which code decides a stage's numbers, and under which digest a study goes by it."""

import json
from functools import cached_property
from pathlib import Path

<<<<<<< HEAD:workflow/scripts/xstilts/plan/stage_code.py
from xstilts.plan.code import Reached, code_digest
from xstilts.core.errors import StudyError
=======
from xstilts.core.errors import StudyError
from xstilts.plan.code import code_digest, users_of
>>>>>>> move:workflow/scripts/xstilts/plan/stage_code.py

# The module whose imports decide what each stage computes.
STAGE_CODE = {
    "encoder": "xstilts.encoders.demo_encoder",
    "tokenizer": "xstilts.encoders.tokenizer",
    "data": "xstilts.data.prepare",
    "text": "xstilts.data.plain_text",
    "translation": "xstilts.translation.job",
    "activations": "xstilts.training.activations",
    "intermediate": "xstilts.training.intermediate",
    "target": "xstilts.training.target",
    "retrieval": "xstilts.retrieval.job",
    "embeddings": "xstilts.similarity.embedding",
    "evidence": "xstilts.similarity.evidence",
    "scores": "xstilts.evaluation.scores",
    "gains": "xstilts.evaluation.gains",
    "learning": "xstilts.evaluation.learning",
    "similarity": "xstilts.similarity.task_map",
    "prediction": "xstilts.inference.prediction.predict",
    "inference": "xstilts.inference.run",
    "summary": "xstilts.evaluation.xtreme",
    "choice": "xstilts.evaluation.choice",
    "layers": "xstilts.evaluation.layer_scores",
    "submission": "xstilts.evaluation.submission",
    "claims": "xstilts.report.claims",
    "report_inputs": "xstilts.report.input_files",
    "figures": "xstilts.report.figures",
    "drawing": "xstilts.report.drawing",
    "tables": "xstilts.report.exports",
    "report": "xstilts.report.page",
    "screenshots": "xstilts.report.screenshots",
}
RUN_STAGES = tuple(STAGE_CODE)[:11]
PINS = "code.json"
DEMO_GRAMMAR = ("generated_text",)


class StageCode:
    """Code digests of the stages: as the code is, or as the study's last tracked run had it.

    With `code: pinned` a refactoring leaves finished runs their names; their receipts say so.
    """

    def __init__(self, mode: str, tables: Path, source: str) -> None:
        """`mode` is the config's `code`, `tables` the study's folder, `source` that of its data."""
        self.pins = tables / PINS if mode == "pinned" else None
        self.without = () if source == "demo" else DEMO_GRAMMAR

    def of(self, stage: str) -> str:
        """Digest of the code of `stage`.

        Raises:
            StudyError: the digests are pinned and the study has not run before.
        """
        return self.digests[stage]

    @cached_property
    def digests(self) -> dict[str, str]:
        """Digest by stage, for all stages that make runs."""
        if self.pins is None:
            # The grammar decides data alone; it cannot matter to a study on real data.
            return {
                stage: code_digest(STAGE_CODE[stage], without=self.without) for stage in RUN_STAGES
            }
        try:
            found = json.loads(self.pins.read_text(encoding="utf-8"))
            return {stage: str(found[stage]) for stage in RUN_STAGES}
        except (OSError, ValueError, KeyError, TypeError):
            raise StudyError(
                f"config: `code: pinned` keeps the names of an earlier run of this study, but "
                f"{self.pins} is missing or damaged; run once with `code: tracked`."
            ) from None

    @cached_property
    def modules(self) -> dict[str, dict[str, str]]:
        """Digests of the modules behind the code as it is, by the digest of the whole."""
        return {
            code_digest(module, without=self.without): users_of(module, without=self.without)
            for module in (STAGE_CODE[stage] for stage in RUN_STAGES)
        }
