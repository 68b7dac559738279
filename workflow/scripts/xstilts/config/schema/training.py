"""Settings of training: of every task, of single tasks and of the row of several tasks."""

from typing import Literal

from pydantic import Field

from xstilts.config.schema.fields import (
    Distinct,
    Number,
    Overrides,
    Section,
    Text,
    Truth,
    WholeNumber,
    absent,
)


class Limits(Section):
    """Caps on the examples of every task; `tasks` may set others per task."""

    train: WholeNumber | None = Field(None, ge=1)
    """Training examples of a task; null takes all (the demo grammar needs a number)."""
    dev: WholeNumber | None = Field(None, ge=1)
    """English dev examples of a task."""
    test: WholeNumber | None = Field(None, ge=1)
    """Test examples of a target task in each language."""


class SheetTraining(Section):
    """Settings at the scale of the paper; a study's config may override each of them."""

    learning_rate: Number = Field(1e-05, gt=0)
    """Peak learning rate of the encoder."""
    head_learning_rate: Number | None = Field(None, gt=0)
    """Peak learning rate of the head; null takes that of the encoder."""
    epochs: Number = Field(3, gt=0)
    """Passes over the training set."""
    batch_examples: WholeNumber = Field(32, ge=1)
    """Most examples in a batch, which is one optimisation step."""
    batch_tokens: WholeNumber | None = Field(None, ge=1)
    """Most tokens in a batch, padding included; null sets no such limit."""
    gradient_accumulation: WholeNumber = Field(1, ge=1)
    """Parts of a batch that go through the model one after another, where a whole batch does not
    fit into memory; the gradient is that of the whole batch."""
    maximum_length: WholeNumber = Field(256, ge=16)
    """Longest sequence in tokens, special tokens included; a longer pair is cut, a longer text is
    split."""
    document_stride: WholeNumber = Field(128, ge=1)
    """Tokens by which the next window over a long passage begins after the one before (span_qa
    only)."""
    long_sentences: Literal["split", "cut"] = "split"
    """What happens to a tagged sentence that is longer than maximum_length - split goes on in a
    further sequence, as in XTREME's preprocessing; cut leaves the rest out, as jiant does, and
    counts its words as errors."""
    rare_below: WholeNumber = Field(0, ge=0)
    """Tags that the training data have fewer times become one tag, RARE (labels from_data only); 0
    keeps them all, as jiant does with the 1,363 of CCGbank."""
    warmup_share: Number = Field(0.1, ge=0, le=1)
    """Share of the steps over which the learning rate rises to its peak."""
    weight_decay: Number = Field(0.01, ge=0)
    """AdamW's decoupled weight decay, not applied to biases and layer norms."""
    gradient_clip: Number | None = Field(1.0, gt=0)
    """Largest norm of the gradient; null does not clip."""
    evaluations: WholeNumber = Field(10, ge=1)
    """How often, evenly spaced, the English dev score is taken; the best checkpoint is kept."""
    patience: WholeNumber | None = Field(None, ge=1)
    """Stop after so many evaluations without a better dev score; null never stops early."""
    head: Literal["segments", "first", "mean"] = "first"
    """How a sequence becomes a vector: its two segments pooled apart and joined as [u, v, |u-v|,
    u*v], the first state, or the mean of all states."""
    dropout: Number = Field(0.1, ge=0, lt=1)
    """Dropout in the trained layers and before the head."""


class Training(Overrides, SheetTraining):
    """Training settings of every task; they go before the task sheets' and after `tasks`."""


class TaskLimits(Overrides, Limits):
    """Caps of this task, which go before `limits`."""


class TaskSettings(Overrides):
    """Settings of a single task."""

    limits: TaskLimits = absent()
    languages: Distinct[Text] = absent(min_length=1)
    """Test languages of this target."""
    training: Training = absent()
    """Training settings of this task, as intermediate task or as target task."""


class Multitask(Section):
    """The row that trains on several intermediate tasks at once."""

    enabled: Truth = True
    """Whether the grid has this row."""
    tasks: Distinct[Text] | None = Field(None, min_length=2)
    """The tasks it trains on; null takes all of `intermediate_tasks`."""
    sampling: Literal["proportional", "uniform", "temperature", "capped"] = "proportional"
    """How often each task gives a batch, from the tasks' numbers of training examples."""
    temperature: Number = Field(2, ge=1)
    """With `sampling: temperature`, probabilities go with size ** (1 / temperature)."""
    cap: WholeNumber = Field(16384, ge=1)
    """With `sampling: capped`, probabilities go with min(size, cap)."""
    epochs: Number = Field(1, gt=0)
    """Steps of the row, as a multiple of the batches that one pass over all its tasks takes."""
    training: Training = Training()
    """Training settings of the row, which go before `training`; heads stay those of the tasks."""
