"""Which finished runs are like one that is to be made, so that their cost tells its own."""

from dataclasses import dataclass, replace

from xstilts.commands.history import Label
from xstilts.core.naming import row_and_fidelity
from xstilts.plan.recipes import Recipe, is_search

# In place of what may be different in a like run.
ANY = "any"


@dataclass(frozen=True)
class Key:
    """What two runs have in common; ANY where they may differ."""

    kind: str
    encoder: str
    precision: str | None
    gpu_step: str | None
    frozen_layers: int | str | None
    task: str

    def told(self) -> str:
        """Whose receipts they are."""
        if self.task == ANY:
            return "other tasks"
        return "this task" + (" with other layers frozen" if self.frozen_layers == ANY else "")


def keys(stage: str, label: str, recipe: Recipe, encoder: str) -> list[Key]:
    """What makes runs alike, the closest likeness first."""
    parts = Label.of(label)
    # At a fidelity a run does less of the same work, which its recipe says.
    task = row_and_fidelity(parts.row)[0]
    if stage == "target":
        task = "+".join(sorted(parts.targets))
    same = Key(
        kind="retrieval" if is_search(recipe) else stage,
        encoder="" if stage in ("encoder", "data") else encoder,
        precision=recipe.get("precision"),
        gpu_step=recipe.get("gpu_step"),
        frozen_layers=recipe.get("frozen_layers"),
        task=task,
    )
    wider = ({"frozen_layers": ANY}, {"task": ANY}, {"frozen_layers": ANY, "task": ANY})
    return [same, *(replace(same, **what) for what in wider)]
