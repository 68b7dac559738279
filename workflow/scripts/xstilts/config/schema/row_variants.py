"""The data of the rows `<task>+mlm` and `<task>+translated`."""

from typing import Literal

from pydantic import Field

from xstilts.config.schema.fields import Distinct, Name, Number, Section, Text, WholeNumber


class MaskedLanguageModel(Section):
    """The multilingual text of the rows `<task>+mlm`, and how it is mixed into the task's training.

    With `source: demo` the grammar makes it.
    """

    ratio: Number = Field(0.5, gt=0)
    """Batches of masked text for each batch of the task, in random order; the task keeps all of its
    own."""
    masking_rate: Number = Field(0.15, gt=0, lt=1)
    """Share of tokens that are to be found again; of these 80 % are masked, 10 % replaced at random
    and 10 % left as they are, anew each time that a line comes."""
    exponent: Number = Field(0.3, ge=0, le=1)
    """A language comes with probability proportional to its number of lines to this power; 1 is in
    proportion, 0 is uniform."""
    languages: Distinct[Text] | None = Field(None, min_length=1)
    """Languages of the text; null takes every file of text_root, and of a data set the languages of
    the study's targets."""
    text_root: Text | None = None
    """Folder of plain text, one file <language>.txt in UTF-8 per language and one line per
    example."""
    dataset: Text | None = Field(None, pattern=r"^[^/]+/[^/]+$")
    """Instead of text_root: owner and name of a data set, on the Hub or in data_root, as `source`
    says."""
    config: Text = Field("{language}", min_length=1)
    """Configuration of the data set; {language} is filled in."""
    split: Text = Field("train", min_length=1)
    """Split of the data set."""
    column: Text = Field("text", min_length=1)
    """Column of the data set that holds the text."""
    examples: WholeNumber = Field(100000, ge=1)
    """Most lines of each language, taken evenly from all; the grammar makes so many."""
    dev_examples: WholeNumber = Field(200, ge=1)
    """Further lines of each language, on which the loss is told in the receipt before and after."""
    maximum_length: WholeNumber = Field(128, ge=16)
    """Most tokens of a line, special tokens included; the rest is cut."""


class TranslationModel(Section):
    """A sequence-to-sequence model of transformers that translates."""

    source: Name = "hub"
    """Where it comes from: hub (a model on the Hugging Face Hub), folder (a local folder of
    transformers files with safetensors), or any other that has a file in
    workflow/scripts/xstilts/translation/sources."""
    path: Text = Field(min_length=1)
    """Owner and name of the model, or its folder; {code} is filled in, where each language has a
    model of its own."""
    codes: dict[str, Name] = Field({})
    """The model's own name of a language where it is not the ISO 639-1 code (NLLB: {de:
    deu_Latn})."""
    prefix: Text = ""
    """What stands before every sentence, with {code} filled in (T5 and its kin: '<2{code}> ')."""
    first_token: Text | None = None
    """Token that a translation is made to begin with, with {code} filled in (M2M100: '__{code}__',
    NLLB: '{code}')."""
    source_language: Text | None = None
    """English in the model's names, where its tokenizer asks for it (M2M100: en, NLLB:
    eng_Latn)."""
    beams: WholeNumber = Field(4, ge=1)
    """Width of the beam search."""
    batch_examples: WholeNumber = Field(32, ge=1)
    """Sentences at once."""
    maximum_length: WholeNumber = Field(256, ge=16)
    """Most tokens of a sentence, read or written."""


class Translated(Section):
    """The data of the rows `<task>+translated`."""

    languages: Distinct[Text] | None = Field(None, min_length=1)
    """Languages that share the training examples evenly; null takes those of the study's targets,
    English apart, in which there are translations."""
    model: TranslationModel | None = None
    """A sequence-to-sequence model of transformers that translates tasks for which there are no
    translated data; null leaves their rows out."""
    align: Distinct[Literal["marker", "fuzzy"]] = Field(["marker", "fuzzy"], min_length=1)
    """How an answer is found again in its translated passage: by quotes around it, or as the words
    most like its own translation; examples in which neither finds it are left out and counted."""
    likeness: Number = Field(0.7, ge=0, le=1)
    """Least likeness of words and translated answer that counts as found."""
