"""Where a data set's files lie in a folder laid out as on the Hub."""

from pathlib import Path

# What comes from the Hub is laid out the same way; a data set's name there holds its commit.
DOWNLOADS = Path("results/downloads")


def at(dataset: str, revision: str) -> str:
    """Name of a data set at a commit, as `locate` takes it."""
    return f"{dataset}@{revision}"


def locate(root: Path, dataset: str, config: str, split: str) -> list[Path]:
    """The Parquet files of a split: `<owner>__<name>/<config>/<split>.parquet` or its shards.

    Shards are named `<split>-00000-of-00002.parquet`, come in order, and are all there or none is
    returned. An empty list means that the folder does not hold the split.
    """
    folder = root / dataset.replace("/", "__") / config
    whole = folder / f"{split}.parquet"
    if whole.is_file():
        return [whole]
    for first in sorted(folder.glob(f"{split}-00000-of-?????.parquet")):
        total = first.stem.rpartition("-")[2]
        numbers = range(int(total)) if total.isdecimal() else range(0)
        shards = [folder / f"{split}-{number:05}-of-{total}.parquet" for number in numbers]
        if shards and all(shard.is_file() for shard in shards):
            return shards
    return []
