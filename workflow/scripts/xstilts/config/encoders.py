"""A study of several encoders as one study for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xstilts.config.schema.study import Study
from xstilts.config.validation import SEE, validate
from xstilts.core.errors import StudyError

Config = dict[str, Any]
# What lies beside the encoders' folders in that of the study.
TAKEN = ("candidates", "figures", "inference", "prediction", "runs_of", "submission", "tables")


def validated(raw: Config) -> Config:
    """`raw` with all defaults, with one encoder under `encoder` or several under `encoders`.

    A list of one encoder is that encoder.

    Raises:
        StudyError: it is not as `Study` says, or names no encoder, or names them in both ways, or
            two encoders have one name.
    """
    config = validate(raw, Study, "config")
    several = config.pop("encoders")
    if config["encoder"] is not None and several:
        raise StudyError(
            "config: both `encoder` and `encoders` are given; move the one encoder into the list, "
            "or take one of the keys out."
        )
    if len(several) == 1:
        config["encoder"] = several[0]
    if len(several) > 1:
        _check_names([encoder["name"] for encoder in several])
        del config["encoder"]
        return config | {"encoders": several}
    if config["encoder"] is None:
        raise StudyError(f"config, key 'encoder': the key 'encoder' is missing; add it ({SEE}).")
    return config


def _check_names(names: list[str]) -> None:
    lower = [name.lower() for name in names]
    for number, name in enumerate(names):
        where = f"config, key 'encoders.{number}.name'"
        if lower[number] in lower[:number]:
            raise StudyError(
                f"{where}: two encoders are called '{name}'; give each a name of its own."
            )
        if lower[number] in TAKEN:
            raise StudyError(
                f"{where}: '{name}' is the name of a folder of the study itself; choose another."
            )


def configs_by_encoder(config: Config) -> dict[str, Config]:
    """The config of each encoder's study, by the encoder's name; `config` is `validated`."""
    if "encoder" in config:
        return {config["encoder"]["name"]: config}
    shared = {key: value for key, value in config.items() if key != "encoders"}
    return {encoder["name"]: shared | {"encoder": encoder} for encoder in config["encoders"]}


def config_of_encoder(raw: Config, name: str) -> Config:
    """`raw`, which need not be `validated`, with the encoder called `name` alone."""
    several = raw.get("encoders") or [raw["encoder"]]
    chosen = next(encoder for encoder in several if encoder["name"] == name)
    return {key: value for key, value in raw.items() if key != "encoders"} | {"encoder": chosen}


@contextmanager
def told_of_encoder(config: Config, name: str) -> Iterator[None]:
    """Lets a mistake in the study of one of several encoders name that encoder's place.

    Raises:
        StudyError: the mistake.
    """
    try:
        yield
    except StudyError as error:
        names = [encoder["name"] for encoder in config.get("encoders", [])]
        if name not in names:
            raise
        key = f"encoders.{names.index(name)}"
        sentence = str(error).replace("encoder.", f"{key}.")
        # What all encoders have in common, the first one's study finds.
        if sentence == str(error) and name != names[0]:
            sentence = f"with the encoder '{name}': {sentence}"
        raise StudyError(sentence) from None
