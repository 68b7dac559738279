"""Where files lie: of runs, of what comes from the Hub, of a data set in a folder laid out so."""

from pathlib import Path

RESULTS = Path("results")
# Which definitions stood behind a digest of code.
CODE_DIGESTS = RESULTS / ".code-digests.json"
STAGES = (
    "encoder", "translation", "data", "activations", "intermediate", "target", "embeddings",
    "evidence",
)  # fmt: skip
# Where the runs of a stage lie that are no fine-tunes.
STAGE_FOLDERS = {
    "translation": "translations",
    "data": "data",
    "activations": "activations",
    "embeddings": "similarity/embeddings",
    "evidence": "similarity/evidence",
}
# Name of the prepared text of `+mlm` rows, and of it among what a run reads.
MLM_TEXT = "multilingual_text"
# Among a study's tables, the folder of those of the cheap cells beside its full ones.
FIDELITY = "fidelity"

# What comes from the Hub is laid out like a user's folder; a data set's name holds its commit, so
# that a file that is there is the right one, for every study.
DOWNLOADS = RESULTS / "downloads"
MODELS = DOWNLOADS / "models"
# Translation models are fetched with all files of their tokenizers, encoders without.
TRANSLATORS = DOWNLOADS / "translators"
# Says what a fetched encoder consists of; written last.
MANIFEST = "fetched.json"
# Stands in names while a study is planned; nothing is ever fetched under it.
UNPINNED = "unpinned"


def stage_folder(stage: str) -> Path:
    """Where the runs of a stage lie."""
    return RESULTS / STAGE_FOLDERS.get(stage, f"runs/{stage}")


def at(dataset: str, revision: str) -> str:
    """Name of a data set at a commit, as `shards.locate` takes it."""
    return f"{dataset}@{revision}"


def split_file(dataset: str, revision: str, config: str, split: str) -> Path:
    """The one Parquet file of a fetched split."""
    return DOWNLOADS / at(dataset, revision).replace("/", "__") / config / f"{split}.parquet"


def model_folder(model: str, revision: str) -> Path:
    """Folder of a fetched encoder."""
    return MODELS / at(model, revision).replace("/", "__")


def translator_folder(model: str, revision: str) -> Path:
    """Folder of a fetched translation model."""
    return TRANSLATORS / at(model, revision).replace("/", "__")
