"""What a recipe of each stage says: all that determines a run, and nothing else.

A job gets a recipe as JSON, and its digest names the run (`recipes.Run`). A field that is ABSENT
stands in no recipe, so that a new one renames only the runs that it concerns.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from xstilts.plan.recipes import Recipe

ABSENT: Any = object()


@dataclass(frozen=True, kw_only=True)
class StageRecipe:
    """What every recipe has."""

    stage: ClassVar[str]

    code: str | None
    """Digest of the code that decides the numbers; None where nothing but bytes is copied."""

    def plain(self) -> Recipe:
        """As JSON has it."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"stage": self.stage, **{key: item for key, item in given.items()
                                        if item is not ABSENT}}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class EncoderRecipe(StageRecipe):
    """An encoder as it came, once layers above the last kept one are dropped."""

    stage = "encoder"

    source: Recipe
    """Where it comes from: `name` and layers kept (demo), digests by file (folder), or model and
    commit (hub)."""


@dataclass(frozen=True, kw_only=True)
class TaskRecipe(StageRecipe):
    """What is made of one task."""

    task: str
    """Name of the task, or of its row `+translated`."""
    kind: str
    """Kind of the task, which decides columns and sequences, and what is its text."""


@dataclass(frozen=True, kw_only=True)
class ReadRecipe(TaskRecipe):
    """What is read from files."""

    source: Recipe
    """Which bytes are read (`Source.recipe_of_parts`)."""
    held_out: Recipe | None
    """A split that is cut from another one: split, from, fraction."""
    splits: dict[str, list[Recipe]]
    """Parts of each split with their languages, in the order in which they are read."""
    limits: dict[str, int | None]
    """Most examples of a split in one language; None takes all."""


@dataclass(frozen=True, kw_only=True)
class TextRecipe(ReadRecipe):
    """The multilingual text of the rows `+mlm`, tokenised.

    `task` is the name that stands for the text among tasks, `kind` the word "text", which is no
    kind of task; an example is a line.
    """

    stage = "data"

    maximum_length: int
    """Most tokens of a line, special tokens included."""
    tokenizer: str
    """Digest of tokenizer.json."""


@dataclass(frozen=True, kw_only=True)
class ExamplesRecipe(ReadRecipe):
    """What is made of the examples of a task."""

    labels: list[str] | str | None
    """Label names in the order of the integers; `from_data`, or None where a kind has none."""
    columns: Recipe
    """From fields of the kind to columns of the files."""
    sampling_seed: int
    """Seed of the sampling down to `limits`."""
    label_respellings: dict[str, str] = ABSENT
    """Other names of labels in the files."""
    merged_labels: dict[str, str] = ABSENT
    """Labels of the files that count as others."""
    apart_from: dict[str, Recipe] = ABSENT
    """Test sets whose texts the training set does without: kind, columns and parts by task."""


@dataclass(frozen=True, kw_only=True)
class DataRecipe(ExamplesRecipe):
    """The examples of a task, tokenised: train and dev in its own language, test in all.

    `source` may have `translations`: digests of the runs that translated the training set, by
    language.
    """

    stage = "data"

    maximum_length: int
    """Most tokens of a sequence, special tokens included."""
    tokenizer: str
    """Digest of tokenizer.json."""
    document_stride: int = ABSENT
    """Tokens between the beginnings of windows over a long passage (span_qa)."""
    long_sentences: str = ABSENT
    """Whether a sentence that is too long is split or cut (tagging)."""
    rare_below: int = ABSENT
    """Tags with fewer examples become one (labels `from_data`)."""
    shared: bool = ABSENT
    """That languages share the examples of the training set, each another part of them."""


@dataclass(frozen=True, kw_only=True)
class TranslationRecipe(ExamplesRecipe):
    """The English training examples of a task that fall to one language, translated by machine."""

    stage = "translation"

    held_out: None = None
    """Nothing is held out of a training set."""
    language: str
    """The language that is translated into."""
    share: dict[str, int]
    """Which of how many languages this is, that share the examples."""
    model: Recipe
    """The translation model: which bytes, its words for languages, and its search."""
    align: list[str]
    """How an answer is found again in its translated passage."""
    likeness: float
    """Least likeness of words and translated answer that counts as found."""


@dataclass(frozen=True, kw_only=True)
class EncodedRecipe(StageRecipe):
    """What an untuned encoder makes of prepared data."""

    encoder: str
    """Digest of the encoder's run."""
    data: str
    """Digest of the prepared data's run."""
    frozen_layers: int
    """How many lower layers stay as they came: their output is that of the stage `activations`, and
    the layers above give task embeddings."""


@dataclass(frozen=True, kw_only=True)
class ActivationsRecipe(EncodedRecipe):
    """Output of the frozen layers for every token of a prepared task."""

    stage = "activations"

    precision: str
    """Arithmetic: float32 or bfloat16."""


@dataclass(frozen=True, kw_only=True)
class RunRecipe(StageRecipe):
    """What fine-tunes and searches have in common."""

    parent: str
    """Digest of the run whose encoder it starts from."""
    frozen_layers: int
    """Lower layers that stay as they came."""
    precision: str
    """Arithmetic: float32 or bfloat16."""


@dataclass(frozen=True, kw_only=True)
class FineTuneRecipe(RunRecipe):
    """What fine-tunes have in common."""

    tasks: list[Recipe]
    """Each with task, kind, metric of its dev score, digest of its data, and head; at a fidelity
    also the share of its examples: `of`, and `seed` of the sampling."""
    training: Recipe
    """Settings of the optimisation (`recipes.TRAINING_KEYS`); at a fidelity also the most steps."""
    seed: int
    """Seed of the order of examples, and of heads and dropout."""
    gpu_step: str = ABSENT
    """How a GPU makes the steps, where not plainly."""


@dataclass(frozen=True, kw_only=True)
class IntermediateRecipe(FineTuneRecipe):
    """A fine-tune on an intermediate task, or on several."""

    stage = "intermediate"

    mixture: Recipe | None
    """How batches are drawn from several tasks: sampling, temperature, cap; None of one task."""
    masked_language_model: Recipe = ABSENT
    """Text that is mixed in: digest of its data, ratio, masking_rate, exponent."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRecipe(RunRecipe):
    """What predicts for targets."""

    stage = "target"

    evaluation: list[Recipe]
    """Targets that are predicted: target, kind, metric, digest of its data."""


@dataclass(frozen=True, kw_only=True)
class TargetRecipe(EvaluationRecipe, FineTuneRecipe):
    """A fine-tune on the one training set of targets, and its predictions for all of them."""

    keep_weights: bool
    """Whether the weights stay on disk."""


@dataclass(frozen=True, kw_only=True)
class SearchRecipe(EvaluationRecipe):
    """A search for translations, for which nothing is trained."""

    retrieval: Recipe
    """The config's section: layer, pooling, margin, neighbours and so on."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingsRecipe(TaskRecipe, EncodedRecipe):
    """All that similarity compares of one task."""

    stage = "embeddings"

    text: Recipe
    """Its English text: split, fields, examples, digests of the embedder's files."""
    languages: Recipe | None
    """Its text in each test language: codes, examples, embedder; None where nothing is measured by
    language."""
    labelled: Recipe | None
    """Labelled examples for task embeddings: examples, batch_examples, head; None without any."""
    seed: int
    """Seed of the sampling."""
    activations: str = ABSENT
    """Digest of the frozen layers' output, where layers are frozen."""


@dataclass(frozen=True, kw_only=True)
class EvidenceRecipe(StageRecipe):
    """LogME of an intermediate run's encoder on training sets of targets."""

    stage = "evidence"

    parent: str
    """Digest of the intermediate run."""
    training_sets: dict[str, Recipe]
    """Kind and digest of the data of each training set, by task."""
    frozen_layers: int
    """As in `RunRecipe`."""
    examples: int
    """Most labelled examples of a training set."""
    subsamples: int
    """Random halvings behind intervals."""
    seed: int
    """Seed of the sampling."""


RECIPES = (
    EncoderRecipe, TextRecipe, DataRecipe, TranslationRecipe, ActivationsRecipe, IntermediateRecipe,
    TargetRecipe, SearchRecipe, EmbeddingsRecipe, EvidenceRecipe,
)  # fmt: skip
