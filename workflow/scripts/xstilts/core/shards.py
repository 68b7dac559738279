"""Which files make up a split, and in which order they are read. Decides numbers."""

from pathlib import Path


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
