"""Which languages the encoder of a study was pretrained on, as far as that is known."""

from pathlib import Path

from xstilts.config.study_config import Config
from xstilts.core.errors import StudyError, nearest
from xstilts.encoders.sources import encoder_source_of

FOLDER = Path("resources/pretraining")
AUTO = "auto"
# A list, and what the names of models that were trained on its text hold. Multilingual E5 and
# XLM-V start from XLM-R or its text, mDeBERTa v3 was trained on CC-100, by their model cards.
KNOWN = {
    "xlm-r": ("xlm-r", "xlm-v", "multilingual-e5", "multilingual-minilm", "mdeberta"),
    "mbert": ("bert-base-multilingual",),
}


def pretraining_list(config: Config, root: Path) -> Path | None:
    """The list of languages of the study's encoder; None where none is known.

    Raises:
        StudyError: the config names a list that is not there.
    """
    named = config["encoder"]["languages"]
    if named == AUTO:
        named = _of_the_name(config)
    if named is None:
        return None
    known = sorted(path.stem for path in (root / FOLDER).glob("*.tsv"))
    if named in known:
        return root / FOLDER / f"{named}.tsv"
    if Path(named).is_file():
        return Path(named)
    raise StudyError(
        f"config, key 'encoder.languages': there is no list '{named}' in {FOLDER}, and no such "
        f"file; {nearest(named, known)}"
    )


def _of_the_name(config: Config) -> str | None:
    encoder = config["encoder"]
    model = encoder_source_of(encoder["source"]).pretrained_model(encoder).lower()
    return next((name for name, parts in KNOWN.items() if any(p in model for p in parts)), None)


def unknown_pretraining(config: Config) -> str:
    """What a user is told where no list of the encoder's languages is known."""
    return (
        f"It is not known which languages {config['encoder']['name']} was pretrained on, so no "
        "analysis asks how much of a language it has read: name a list under encoder.languages."
    )
