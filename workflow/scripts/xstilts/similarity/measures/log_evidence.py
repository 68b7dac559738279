"""LogME: how well an intermediate run's features explain a target's labels (You et al. 2021)."""

from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    import numpy as np

    from xstilts.similarity.comparison import Comparison, Dyad
    from xstilts.similarity.resampling import Sample


class LogEvidence(Measure):
    """Made by the runs of the stage `evidence`, one for every intermediate run."""

    is_labelled = True
    reads_runs = True

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """Nothing is compared."""
        raise NotImplementedError("the runs of the stage evidence hold its values")

    def of_dyads(self, name: str, comparison: "Comparison") -> "dict[Dyad, np.ndarray | None]":
        """The mean over the seeds of each intermediate task's runs."""
        import numpy as np

        from xstilts.similarity.artifacts import read_evidence

        values: dict[Dyad, np.ndarray | None] = {}
        targets = comparison.plan["targets"]
        lacking = [target for target, task in targets.items() if task["labels"] is None]
        comparison.report(name, self, lacking)
        for intermediate, folders in comparison.plan["evidence"].items():
            seeds = [read_evidence(Path(folder)) for folder in folders]
            for target, task in targets.items():
                own = [seed[task["labels"]] for seed in seeds if task["labels"] in seed]
                values[intermediate, target, None] = np.mean(own, axis=0) if own else None
                if not own and task["labels"]:
                    comparison.problems.append(
                        f"{name} is not known of {intermediate} and {target}: the "
                        f"intermediate run diverged, or {task['labels']} has too few labels."
                    )
        return values


MEASURE = LogEvidence()
