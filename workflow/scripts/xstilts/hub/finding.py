"""Which files of a data set's repository make up a split.

That is written in the data set's card, or in the names of its files; `datasets` knows these rules
and reads them here from empty files of the same names, so that it needs no network of its own.
Loading scripts are never run.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError, nearest
from xstilts.hub.access import Repository

CARD = "README.md"
# What the Hub's own conversion to Parquet (the branch refs/convert/parquet) calls its files.
CONVERTED = re.compile(r"(?P<config>[^/]+)/(?P<split>[^/]+)/\d{4,5}\.parquet")
SHARD = re.compile(r"-(?P<number>\d{5})-of-(?P<total>\d{5})\b")


@dataclass(frozen=True)
class Split:
    """The files of a split.

    Attributes:
        files: paths in the repository, in order.
        rows: how many rows the card promises, if it does.
        features: schema metadata that name columns and labels, if the card has them.
    """

    files: list[str]
    rows: int | None
    features: dict[bytes, bytes] | None


def find_split(repository: Repository, config: str, split: str) -> Split:
    """The files that make up a split.

    Raises:
        StudyError: there is no such configuration or split, or it is not Parquet.
    """
    files = repository.files()
    converted = [match for file in files if (match := CONVERTED.fullmatch(file))]
    if converted and CARD not in files:
        return _converted(repository, converted, config, split)
    builder = _builder(repository, files, config)
    data_files = builder.config.data_files or {}
    splits = {str(name): list(paths) for name, paths in data_files.items()}
    if split not in splits:
        raise StudyError(
            f"{repository.name} {config} has no split '{split}'; {nearest(split, splits)}"
        )
    mine = [Path(path).relative_to(builder.base_path).as_posix() for path in splits[split]]
    _check_files(mine, repository, config, split)
    promised = (builder.info.splits or {}).get(split)
    features = builder.info.features
    return Split(
        mine,
        # Cards written before the conversion to Parquet say 0 where they do not know.
        (promised.num_examples or None) if promised else None,
        features.arrow_schema.metadata if features else None,
    )


def _builder(repository: Repository, files: list[str], config: str) -> Any:
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as temporary:
        # The resolved path, as it will stand in the answer.
        folder = (Path(temporary) / repository.name.rpartition("/")[2]).resolve()
        # A script beside Parquet files is a relic, which `datasets` would rather stop at.
        for file in (file for file in files if not file.endswith(".py")):
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        for card in (CARD, ".huggingface.yaml", "dataset_infos.json"):
            if card in files:
                (folder / card).write_bytes(repository.fetch(card).read_bytes())
        try:
            builder = datasets.load_dataset_builder(str(folder), config)
        except ValueError as error:
            # "BuilderConfig 'x' not found. Available: [...]"
            known = re.findall(r"'([^']+)'", str(error).partition("Available:")[2])
            if not known:
                raise StudyError(_not_parquet(repository, error)) from error
            raise StudyError(
                f"{repository.name} has no configuration '{config}'; {nearest(config, known)}"
            ) from error
        except (datasets.exceptions.DatasetsError, FileNotFoundError, RuntimeError) as error:
            raise StudyError(_not_parquet(repository, error)) from error
        builder.base_path = str(folder)
        return builder


def _not_parquet(repository: Repository, error: Exception | None = None) -> str:
    reason = f" ({str(error).splitlines()[0]})" if error and str(error) else ""
    return (
        f"{repository.name} has no Parquet files at {repository.revision[:12]}, and scripts of "
        "others are never run: delete its line in config/revisions.lock.yaml and run `snakemake "
        f"pin` again, which takes the Hub's own conversion where there is one.{reason}"
    )


def _check_files(files: list[str], repository: Repository, config: str, split: str) -> None:
    if not files or not all(file.endswith(".parquet") for file in files):
        raise StudyError(_not_parquet(repository))
    for file in files:
        shard = SHARD.search(file)
        if shard and len(files) != int(shard["total"]):
            raise StudyError(
                f"{repository.name} {config} {split} has {len(files)} of {int(shard['total'])} "
                "shards at this revision; pin another one."
            )


def _converted(
    repository: Repository, converted: list[re.Match[str]], config: str, split: str
) -> Split:
    configs = {match["config"] for match in converted}
    if config not in configs:
        raise StudyError(
            f"{repository.name} has no configuration '{config}'; {nearest(config, configs)}"
        )
    mine = [match for match in converted if match["config"] == config]
    # The Hub converts at most 5 GB, and says in the name where it stopped.
    if any(match["split"] == f"partial-{split}" for match in mine):
        raise StudyError(
            f"{repository.name} {config} {split}: the Hub has converted only a part of it to "
            "Parquet; put the whole split into data_root and use `source: folder`."
        )
    files = sorted(match.string for match in mine if match["split"] == split)
    if not files:
        raise StudyError(
            f"{repository.name} {config} has no split '{split}'; "
            f"{nearest(split, {match['split'] for match in mine})}"
        )
    return Split(files, None, None)
