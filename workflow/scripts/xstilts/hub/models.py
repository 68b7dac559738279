"""An encoder on the Hub, fetched as the plain files that the study's own encoders consist of."""

import json
import tempfile
from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256, link_or_copy, write_atomically
from xstilts.core.paths import MANIFEST
from xstilts.hub.access import Repository
from xstilts.hub.listings import checked_names

CONFIG, TOKENIZER = "config.json", "tokenizer.json"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
# What a tokenizer without tokenizer.json is made from: one of the first, helped by the others.
VOCABULARIES = ("vocab.txt", "vocab.json", "spiece.model", "spm.model", "sentencepiece.model",
                "sentencepiece.bpe.model", "tokenizer.model")  # fmt: skip
SETTINGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt")


def fetch_encoder(repository: Repository, folder: Path) -> None:
    """Fill `folder` with config.json, tokenizer.json and safetensors, and a list of them, last.

    Raises:
        StudyError: the Hub cannot be asked, or the model lacks one of these.
    """
    files = set(repository.files())
    if CONFIG not in files:
        raise StudyError(f"{repository.name} has no {CONFIG}: it is no model of transformers.")
    names = [CONFIG, *weight_names(repository, files)]
    for name in names:
        link_or_copy(repository.fetch(name), folder / name)
    if TOKENIZER in files:
        link_or_copy(repository.fetch(TOKENIZER), folder / TOKENIZER)
    else:
        _convert_tokenizer(repository, files, folder / TOKENIZER)
    digests = {name: file_sha256(folder / name) for name in sorted([*names, TOKENIZER])}
    text = json.dumps({"model": repository.name, "revision": repository.revision, "files": digests})
    write_atomically(folder / MANIFEST, lambda file: file.write_text(text, encoding="utf-8"))


def weight_names(repository: Repository, files: set[str]) -> list[str]:
    """Names of the weights' files; shards come after the index that names them."""
    if WEIGHTS in files:
        return [WEIGHTS]
    if INDEX in files:
        return [INDEX, *_shards(repository)]
    raise StudyError(
        f"{repository.name} has no safetensors at {repository.revision[:12]}: other formats can "
        "run code when read; pin a revision that has them (many models have one on the branch "
        "refs/convert/safetensors or as a pull request), or choose another encoder."
    )


def _shards(repository: Repository) -> list[str]:
    """The files that the index of a model's weights names."""
    where = f"{repository.name}'s {INDEX}"
    try:
        index = json.loads(repository.fetch(INDEX).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{where} is no JSON ({error}): choose another revision.") from None
    named = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(named, dict) or not named:
        raise StudyError(f"{where} names no files in weight_map: choose another revision.")
    return sorted(set(checked_names(named.values(), where)))


def _convert_tokenizer(repository: Repository, files: set[str], output: Path) -> None:
    """Make tokenizer.json from the files of a slow tokenizer, by transformers' own conversion."""
    # Without any vocabulary transformers makes an empty tokenizer and does not complain.
    if not files.intersection(VOCABULARIES):
        raise StudyError(
            f"{repository.name} has neither {TOKENIZER} nor a vocabulary that one could be made "
            "from: choose another encoder."
        )
    from transformers import AutoTokenizer

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in [CONFIG, *(name for name in (*VOCABULARIES, *SETTINGS) if name in files)]:
            (folder / name).write_bytes(repository.fetch(name).read_bytes())
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            tokenizer.save_pretrained(folder / "fast")
            made = (folder / "fast" / TOKENIZER).read_bytes()
        except Exception as error:
            raise StudyError(
                f"{repository.name} has no {TOKENIZER}, and its tokenizer cannot be converted to "
                f"one: choose another encoder. ({type(error).__name__}: {error})"
            ) from error
        write_atomically(output, lambda file: file.write_bytes(made))
