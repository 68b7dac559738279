"""The sheet of a task."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from xstilts.config.schema.fields import (
    Distinct,
    Language,
    Name,
    Number,
    Overrides,
    Section,
    Text,
    Truth,
    absent,
)
from xstilts.config.schema.training import SheetTraining


class Form(Overrides):
    """A field made of columns."""

    join: Name = absent()
    """A list of texts."""
    replace: Name = absent()
    """A column of few words."""
    by: dict[str, Text] = absent(min_length=1)
    """A text for each of these words."""
    place_of: Name = absent()
    """The right answer, as text."""
    among: Name | Annotated[list[Name], Field(min_length=2)] = absent()
    """The choices - one column that holds a list, or a list of columns."""
    mark: Name = absent()
    """A text."""
    from_: Name = absent(alias="from")
    """Where what is marked begins, in characters."""
    to: Name = absent()
    """Where it ends, in characters."""
    with_: Text = absent(alias="with")
    """What stands between the texts of a list, or on both sides of what is marked."""


Column = Name | Form
"""Name of a column, or of a field inside one (answers.text), or a form."""


class Columns(Overrides):
    """From what we need to the column that holds it.

    Needed - text_classification: text, label; pair_classification: first, second, label;
    regression: first, second, score; multiple_choice: endings, label, and context or question or
    both; tagging: tokens, tags; span_qa: question, context, answers, answer_start; retrieval:
    source and target sentences of a pair (or, for mining, id and sentence in the source and target
    files and source_id and target_id in the gold file). Optional everywhere: id. A kind of task of
    your own may need others. A column is a name, a field inside one (answers.text), or a form -
    `{join: dialogue, with: " "}` puts the texts of a list together; `{replace: question, by:
    {cause: "What was the cause?"}}` gives each word of a column a text; `{place_of: answer, among:
    choice}` says which of the choices an answer is that is given as text; `{mark: sentence1, from:
    start1, to: end1, with: "*"}` marks the characters of a text between two offsets.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Column] = Field(init=False)

    id: Column = absent()
    """Identifier of the example, unique within a split and language; by default split and row
    number."""
    text: Column = absent()
    """A text that has one label."""
    first: Column = absent()
    """First sentence of a pair."""
    second: Column = absent()
    """Second sentence of a pair."""
    label: Column = absent()
    """Gold label: a name, a truth value (true or false), or an integer that the file names (an
    index into the sheet's labels where it does not)."""
    score: Column = absent()
    """What a pair scores, a number."""
    context: Column = absent()
    """Text that is read before the question."""
    question: Column = absent()
    """The question."""
    endings: Column | Annotated[list[Name], Field(min_length=2)] = absent()
    """The choices - one column that holds a list, or a list of columns."""
    tokens: Column = absent()
    """The words of a sentence."""
    tags: Column = absent()
    """One tag per word, as integers or names."""
    answers: Column = absent()
    """Texts of the accepted answers; an empty list where there is none."""
    answer_start: Column = absent()
    """Where each answer begins in the context, in characters."""
    source: Column = absent()
    """Sentence in the other language."""
    target: Column = absent()
    """Its English translation."""
    sentence: Column = absent()
    """A sentence that may or may not have a translation on the other side (mining)."""
    source_id: Column = absent()
    """Id of the sentence in the other language (gold file of mining)."""
    target_id: Column = absent()
    """Id of its translation (gold file of mining)."""


class Part(Overrides):
    """One file, or set of shards, of a data set."""

    dataset: Text = Field(pattern=r"^[^/]+/[^/]+$")
    """Owner and name of the data set, as on the Hub."""
    config: Name
    """Configuration of the data set; {language} and {code} are filled in."""
    split: Name
    """Split of the data set, which need not have the name of ours. For mining, one of source,
    target, gold."""
    by_hand: Truth = False
    """Whether the files are not on the Hub, so that a user puts them into data_root also with
    `source hub`."""
    id_prefix: Name = absent()
    """Keep only the rows whose id begins with this; {language} and {code} are filled in."""
    columns: Columns = absent()
    """Column mapping of this part alone, in place of the sheet's."""


class Splits(Section):
    """Where the data lie. A split is a list of parts, joined in order."""

    train: list[Part]
    """Parts of the English training set; empty where the task is trained on another one or not at
    all."""
    dev: list[Part]
    """Parts of the English development set, which chooses the checkpoint; empty where it is held
    out or there is none."""
    test: list[Part]
    """Parts of the test set of one language; {language} and {code} are filled in per language.
    Empty for intermediate tasks."""
    source_train: list[Part] = Field([])
    """Parts of the training set in one other language than English, for `source_languages`;
    {language} and {code} are filled in. Empty where the data set has none."""
    source_dev: list[Part] = Field([])
    """Parts of the development set in that language."""
    translated: list[Part] = Field([])
    """Parts of the training set in one other language, for the row `<task>+translated`; empty where
    nobody has published one, and a user puts it into data_root as
    translated__<task>/<language>/train.parquet, in the columns of this sheet."""


class HeldOut(Section):
    """How a split without files of its own is cut from another one."""

    split: Literal["dev"]
    """The split that is cut out."""
    from_: Literal["train", "test"] = Field(alias="from")
    """The split it is cut from, which loses these examples."""
    fraction: Number = Field(gt=0, lt=1)
    """Expected share of the examples that go to the new split, chosen by hash of the example id."""


class TaskSheet(Section):
    """One task of a study, in resources/tasks/<name>.yaml. Adding such a file adds a task."""

    name: Text = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the task in configs, tables and paths; equal to the sheet's file name."""
    title: Name
    """Name of the task in figures and tables."""
    roles: Distinct[Literal["intermediate", "target"]] = Field(min_length=1)
    """Whether the task can be trained on between pre-training and target (intermediate), evaluated
    on (target), or both."""
    kind: Name
    """What an example looks like, which decides columns, head and prepared data -
    text_classification, pair_classification, regression, multiple_choice, tagging, span_qa,
    retrieval, or any other that has a file in workflow/scripts/xstilts/kinds."""
    labels: Annotated[Distinct[Text], Field(min_length=2)] | Literal["from_data"] | None
    """Label names in the order of the data set's integers where the file gives these no names of
    its own (names in the data, and those that the file gives its integers, are looked up, capitals
    apart; truth values are the names true and false); from_data collects the tags from the data
    (tagging only); null for regression, span_qa and retrieval."""
    label_respellings: dict[str, Text] = Field({})
    """Other names that files are known to give a label, each with the label's own name."""
    merged_labels: dict[str, Text] = Field({})
    """Labels of the files that none of `labels` stands for, since the training set lacks them, each
    with the label that it counts as; how many words that concerns stands in the receipt of the data
    and in the report (tagging only)."""
    languages: Distinct[Language] = Field(min_length=1)
    """Codes of the languages that the published task has - ISO 639-1, or 639-3 where there is none,
    with a script (ISO 15924) behind it where a task has the language in several (zh, zh-Hant)."""
    language_codes: dict[Language, Name] = Field({})
    """The data set's own name of a language where it is not the code in `languages`. {code} in a
    split's strings is replaced by it. May name more languages than the published task has."""
    metrics: Distinct[Name] = Field(min_length=1)
    """Metrics of the task, the first being the primary one - accuracy, span_f1, tag_f1,
    tag_accuracy, answer_f1, answer_exact, mlqa_f1, mlqa_exact, mining_f1, retrieval_accuracy,
    matthews_correlation, pearson, spearman, or any other that has a file in
    workflow/scripts/xstilts/evaluation/metrics."""
    training_set: Text | None
    """Task on whose train and dev splits this one is fine-tuned (mnli for xnli); null where nothing
    is trained."""
    splits: Splits
    held_out: HeldOut | None = None
    """How a split without files of its own is cut from another one; null where every split has
    files."""
    columns: Columns
    """Which column of the files holds what; the same for all parts unless a part has its own."""
    overlaps: Distinct[Text] = Field([])
    """Other tasks whose training data this one contains by construction; such pairs are flagged in
    the results."""
    apart_from: dict[str, Literal["all"] | Annotated[Distinct[Language], Field(min_length=1)]] = (
        Field({})
    )
    """Target tasks whose test sets hold texts of this training set, each with the languages whose
    test sets are compared, or `all`. Whatever targets a study has, examples with such a text are
    left out of training, unless the config says `shared_texts: keep`."""
    training: SheetTraining
    license: Name
    """Licence of the data, as its authors give it."""
    citation: Name
    """The paper to cite."""
    notes: Name
    """Why the sheet says what it says - choices, traps, where the figures come from."""
