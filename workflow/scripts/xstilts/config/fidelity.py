"""The grid at a lower fidelity: what its config says in place of the study's."""

from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.fidelity import CHEAPER

Config = dict[str, Any]


def check_fidelity(config: Config) -> None:
    """Whether `fidelity` makes the grid cheaper.

    Raises:
        StudyError: it leaves nothing out, or freezes fewer layers than the study does.
    """
    fidelity = config["fidelity"]
    if fidelity is None:
        return
    if all(fidelity[key] is None for key in CHEAPER):
        raise StudyError(
            "config, key 'fidelity': nothing makes the rows cheaper; give at least one of share, "
            "frozen_layers and steps."
        )
    frozen, own = fidelity["frozen_layers"], config["encoder"]["frozen_layers"]
    if frozen is not None and frozen <= own:
        raise StudyError(
            f"config, key 'fidelity.frozen_layers': the full grid freezes {own} layers already; "
            f"give more than {own}, or leave the key out."
        )


def most_frozen(config: Config) -> tuple[int, str]:
    """How many lower layers are frozen at most, and the key that says so."""
    fidelity = config.get("fidelity") or {}
    if (frozen := fidelity.get("frozen_layers")) is not None:
        return frozen, "fidelity.frozen_layers"
    return config["encoder"].get("frozen_layers", 0), "encoder.frozen_layers"


def cheap_config(config: Config) -> Config:
    """`config` as the cheap grid goes by it: with its own frozen layers."""
    frozen, _ = most_frozen(config)
    return config | {"encoder": config["encoder"] | {"frozen_layers": frozen}}
