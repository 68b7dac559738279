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


class Training(Overrides):
    """Training settings of every task; they go before the task sheets' and after `tasks`."""

    learning_rate: Number = absent(gt=0)
    """Peak learning rate of the encoder."""
    head_learning_rate: Number | None = absent(gt=0)
    """Peak learning rate of the head; null takes that of the encoder."""
    epochs: Number = absent(gt=0)
    """Passes over the training set."""
    batch_examples: WholeNumber = absent(ge=1)
    """Most examples in a batch."""
    batch_tokens: WholeNumber | None = absent(ge=1)
    """Most tokens in a batch, padding included; null sets no such limit."""
    gradient_accumulation: WholeNumber = absent(ge=1)
    """Parts of a batch that go through the model one after another, where a whole batch does not
    fit into memory; the gradient is that of the whole batch."""
    maximum_length: WholeNumber = absent(ge=16)
    """Longest sequence in tokens; a longer pair is cut, a longer text is split."""
    document_stride: WholeNumber = absent(ge=1)
    """Tokens by which the next window over a long passage begins after the one before (question
    answering)."""
    long_sentences: Literal["split", "cut"] = absent()
    """What happens to a tagged sentence that is longer than maximum_length - split goes on in a
    further sequence, as in XTREME's preprocessing; cut leaves the rest out, as jiant does, and
    counts its words as errors."""
    rare_below: WholeNumber = absent(ge=0)
    """Tags that the training data have fewer times become one tag, RARE (tasks that collect their
    tags from the data, such as CCG); 0 keeps them all."""
    warmup_share: Number = absent(ge=0, le=1)
    """Share of the steps over which the learning rate rises."""
    weight_decay: Number = absent(ge=0)
    """AdamW's weight decay; none on biases and layer norms."""
    gradient_clip: Number | None = absent(gt=0)
    """Largest norm of the gradient; null does not clip."""
    dropout: Number = absent(ge=0, lt=1)
    """Dropout in the trained layers and before the head."""
    evaluations: WholeNumber = absent(ge=1)
    """How often, evenly spaced, the English dev score is taken; the best checkpoint is kept."""
    patience: WholeNumber | None = absent(ge=1)
    """Stop after so many evaluations without a better dev score; null never stops early."""
    head: Literal["segments", "mean", "first"] = absent()
    """How a sequence becomes a vector: its two segments pooled apart and joined as [u, v, |u-v|,
    u*v], the mean of all states, or the first state."""


class TaskLimits(Overrides):
    """Caps of this task."""

    train: WholeNumber | None = absent(ge=1)
    """As in limits."""
    dev: WholeNumber | None = absent(ge=1)
    """As in limits."""
    test: WholeNumber | None = absent(ge=1)
    """As in limits."""


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
