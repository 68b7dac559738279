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
class TextRecipe(StageRecipe):
    """The multilingual text of the rows `+mlm`, tokenised."""

    stage = "data"

    task: str
    """The name that stands for the text among tasks."""
    kind: str
    """The word "text", which is no kind of task."""
    source: Recipe
    """Which bytes are read (`Source.recipe_of_parts`)."""
    held_out: Recipe
    """The split that is cut from another one."""
    splits: dict[str, list[Recipe]]
    """Parts of each split, one per language, with their column."""
    limits: dict[str, int]
    """Most lines of each language, by split."""
    maximum_length: int
    """Most tokens of a line, special tokens included."""
    tokenizer: str
    """Digest of tokenizer.json."""


@dataclass(frozen=True, kw_only=True)
class DataRecipe(StageRecipe):
    """The examples of a task, tokenised: train and dev in its own language, test in all."""

    stage = "data"

    task: str
    """Name of the task, or of its row `+translated`."""
    kind: str
    """Kind of the task, which decides columns and sequences."""
    labels: list[str] | str | None
    """Label names in the order of the integers; `from_data`, or None where a kind has none."""
    source: Recipe
    """Which bytes are read (`Source.recipe_of_parts`); `translations`: digests of the runs that
    translated the training set, by language."""
    columns: Recipe
    """From fields of the kind to columns of the files."""
    held_out: Recipe | None
    """A split that is cut from another one: split, from, fraction."""
    splits: dict[str, list[Recipe]]
    """Parts of each split with their languages, in the order in which they are read."""
    limits: dict[str, int | None]
    """Most examples of a split in one language; None takes all."""
    sampling_seed: int
    """Seed of the sampling down to `limits`."""
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
    label_respellings: dict[str, str] = ABSENT
    """Other names of labels in the files."""
    merged_labels: dict[str, str] = ABSENT
    """Labels of the files that count as others."""
    shared: bool = ABSENT
    """That languages share the examples of the training set, each another part of them."""
    apart_from: dict[str, Recipe] = ABSENT
    """Test sets whose texts the training set does without: kind, columns and parts, by task."""


@dataclass(frozen=True, kw_only=True)
class TranslationRecipe(StageRecipe):
    """The English training examples of a task that fall to one language, translated by machine."""

    stage = "translation"

    task: str
    """Name of the task."""
    kind: str
    """Kind of the task, which says what is translated."""
    labels: list[str] | str | None
    """As in `DataRecipe`."""
    columns: Recipe
    """As in `DataRecipe`."""
    apart_from: dict[str, Recipe] = ABSENT
    """Test sets whose texts are not translated; as in `DataRecipe`."""
    source: Recipe
    """Which bytes of the English training set are read, and of those test sets."""
    splits: dict[str, list[Recipe]]
    """Parts of the English training set."""
    held_out: None = None
    """Nothing is held out of a training set."""
    limits: dict[str, int | None]
    """Most examples that fall to this language."""
    sampling_seed: int
    """Seed of the sampling down to `limits`."""
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
    label_respellings: dict[str, str] = ABSENT
    """As in `DataRecipe`."""
    merged_labels: dict[str, str] = ABSENT
    """As in `DataRecipe`."""


@dataclass(frozen=True, kw_only=True)
class ActivationsRecipe(StageRecipe):
    """Output of the frozen layers for every token of a prepared task."""

    stage = "activations"

    encoder: str
    """Digest of the encoder's run."""
    data: str
    """Digest of the prepared data's run."""
    frozen_layers: int
    """How many layers are run."""
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
class IntermediateRecipe(RunRecipe):
    """A fine-tune on an intermediate task, or on several."""

    stage = "intermediate"

    tasks: list[Recipe]
    """Each with task, kind, metric of its dev score, digest of its data, and head; at a fidelity
    also the share of its examples: `of`, and `seed` of the sampling."""
    mixture: Recipe | None
    """How batches are drawn from several tasks: sampling, temperature, cap; None of one task."""
    training: Recipe
    """Settings of the optimisation (`recipes.TRAINING_KEYS`); at a fidelity also the most steps."""
    seed: int
    """Seed of the order of examples, and of heads and dropout."""
    masked_language_model: Recipe = ABSENT
    """Text that is mixed in: digest of its data, ratio, masking_rate, exponent."""
    gpu_step: str = ABSENT
    """How a GPU makes the steps, where not plainly."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRecipe(RunRecipe):
    """What predicts for targets."""

    stage = "target"

    evaluation: list[Recipe]
    """Targets that are predicted: target, kind, metric, digest of its data."""


@dataclass(frozen=True, kw_only=True)
class TargetRecipe(EvaluationRecipe):
    """A fine-tune on a training set of targets, and its predictions for all of them."""

    tasks: list[Recipe]
    """The one training set, as in `IntermediateRecipe`."""
    training: Recipe
    """Settings of the optimisation (`recipes.TRAINING_KEYS`)."""
    seed: int
    """Seed of the order of examples, and of heads and dropout."""
    keep_weights: bool
    """Whether the weights stay on disk."""
    gpu_step: str = ABSENT
    """As in `IntermediateRecipe`."""


@dataclass(frozen=True, kw_only=True)
class SearchRecipe(EvaluationRecipe):
    """A search for translations, for which nothing is trained."""

    retrieval: Recipe
    """The config's section: layer, pooling, margin, neighbours and so on."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingsRecipe(StageRecipe):
    """All that similarity compares of one task."""

    stage = "embeddings"

    task: str
    """Name of the task."""
    kind: str
    """Kind of the task, which says what its text is."""
    data: str
    """Digest of the prepared data's run."""
    encoder: str
    """Digest of the untuned encoder's run."""
    frozen_layers: int
    """As in `RunRecipe`: the layers above give task embeddings."""
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
