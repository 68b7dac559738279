"""The grid run cheaply: which part of the training is left out."""

from typing import Literal

from pydantic import Field

from xstilts.config.schema.fields import Number, Section, Text, WholeNumber


class Fidelity(Section):
    """The same grid run cheaply, as rows `<row>~<name>` with a baseline of their own; at least one
    of share, frozen_layers and steps. A cheap row tells how much a task is worth, and seldom which
    task is best.
    """

    name: Text = Field("cheap", pattern=r"^[a-z][a-z0-9_]*$")
    """What the names of these rows end with, after `~`, in runs and plans; with `quarter`, MNLI's
    row is `mnli~quarter`."""
    share: Number | None = Field(None, gt=0, lt=1)
    """Share of the training examples of each fine-tune, intermediate and target, drawn by
    data_seed; a smaller share's examples are among a larger one's. Dev and test sets stay whole."""
    frozen_layers: WholeNumber | None = Field(None, ge=1)
    """In place of encoder.frozen_layers, and above it."""
    steps: WholeNumber | None = Field(None, ge=1)
    """Most steps of each fine-tune."""
    full_cells: Literal["all", "planned"] = "all"
    """Without a `selection`, whether the full grid is run beside the cheap one (`all`), or is left
    to a plan (`planned`). Where no full cell is run, all tables and the page are those of the cheap
    grid, which they say."""
