"""The config of a study: checked by itself, then against the task sheets."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xstilts.config.encoders import validated
from xstilts.config.fidelity import check_fidelity, most_frozen
from xstilts.config.gpu_step import check_gpu_step, check_gpu_step_of
from xstilts.config.precision import resolved_precision
from xstilts.config.sheets import Sheet, default_training, read_sheets, task_of
from xstilts.config.variants import check_rows, plain
from xstilts.core.encoder_families import FAMILIES
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import FROM, check_name, check_template
from xstilts.encoders.sources import encoder_source_of
from xstilts.encoders.sources.methods.transformers_files import depth_in
from xstilts.sources import source_of
from xstilts.translation.sources import translator_source_of

Config = dict[str, Any]

LANGUAGES = Path("resources/languages.tsv")


def read_config(raw: Config, root: Path) -> Config:
    """`raw` with all defaults, once it is as `Study` says and fits the sheets under `root`.

    `root` is the repository. A config of several encoders is to be read with one of them at a time
    (`configs_by_encoder`).

    Raises:
        StudyError: the first mistake, as one sentence with its remedy.
    """
    config = validated(raw)
    if "encoder" not in config:
        raise StudyError("config, key 'encoders': there are several; take one of them at a time.")
    _check_names(config)
    sheets = sheets_of(root)
    _check_tasks(config, sheets)
    _check_places(config)
    _check_layers(config)
    check_fidelity(config)
    check_gpu_step(config)
    _check_predicted_languages(config, root)
    _check_run_deviations(config)
    config["precision"] = resolved_precision(config)
    return config


def _check_names(config: Config) -> None:
    check_name(config["study"], "config, key 'study'")
    check_name(config["encoder"]["name"], "config, key 'encoder.name'")
    check_name(config["hub_endpoint"] or "", "config, key 'hub_endpoint'")
    text = config["masked_language_model"]
    check_name(text["dataset"] or "", "config, key 'masked_language_model.dataset'")
    check_template(text["config"], ["language"], "config, key 'masked_language_model.config'")
    model = config["translated"]["model"] or {}
    for key in ("path", "prefix", "first_token"):
        check_template(model.get(key), ["code"], f"config, key 'translated.model.{key}'")


def sheets_of(root: Path) -> dict[str, Sheet]:
    """The task sheets of the repository at `root`."""
    return read_sheets(root / "resources" / "tasks")


def _check_tasks(config: Config, sheets: dict[str, Sheet]) -> None:
    check_rows(config["intermediate_tasks"], sheets)
    for name in config["target_tasks"]:
        task_of(name, "target", sheets, "config, key 'target_tasks'")
    for name, settings in config["tasks"].items():
        if name not in sheets:
            raise StudyError(f"config, key 'tasks': no task '{name}'; {nearest(name, sheets)}")
        if "languages" in settings and "target" not in sheets[name]["roles"]:
            raise StudyError(
                f"config, key 'tasks.{name}.languages': {name} is no target task, and trains in "
                "English alone; give the languages to a target task."
            )
    rows = [name for name in config["intermediate_tasks"] if name == plain(name)]
    for name in config["multitask"]["tasks"] or []:
        if name not in rows:
            hint = nearest(name, rows)
            raise StudyError(
                f"config, key 'multitask.tasks': '{name}' is not in intermediate_tasks; {hint}"
            )


def _check_run_deviations(config: Config) -> None:
    stated = config["inference"]["run_sd"]
    targets = config["target_tasks"]
    if stated is None or not isinstance(stated["value"], dict):
        return
    for name in stated["value"]:
        if name.split(FROM)[0] not in targets:
            raise StudyError(
                f"config, key 'inference.run_sd.value': '{name}' is not in target_tasks; "
                f"{nearest(name, targets)}"
            )


def _check_places(config: Config) -> None:
    with _at("source"):
        source = source_of(config["source"])
    source.check_config(config)
    with _at("encoder.source"):
        encoders = encoder_source_of(config["encoder"]["source"])
    encoders.check_settings(config["encoder"])
    if (model := config["translated"]["model"]) is not None:
        with _at("translated.model.source"):
            translator_source_of(model["source"])


@contextmanager
def _at(key: str) -> Iterator[None]:
    """Say of a mistake at which key of the config it was made."""
    try:
        yield
    except StudyError as error:
        raise StudyError(f"config, key '{key}': {error}") from None


def _check_layers(config: Config) -> None:
    encoder = config["encoder"]
    source = encoder_source_of(encoder["source"])
    check_layers(config, source.depth(encoder))
    settings = source.transformers_config(encoder)
    if settings is not None:
        check_encoder(config, settings)


def check_layers(config: Config, layers: float) -> None:
    """Whether an encoder of so many layers can do what `config` asks of it.

    Raises:
        StudyError: it cannot.
    """
    frozen, key = most_frozen(config)
    if frozen >= layers:
        raise StudyError(
            f"config, key '{key}': {frozen} of {layers} layers "
            "frozen leaves nothing to train; freeze fewer."
        )
    layer = config.get("retrieval", {}).get("layer")
    if layer in (None, "dev"):
        return
    if layer <= frozen:
        raise StudyError(
            f"config, key 'retrieval.layer': layer {layer} is frozen, so that every row would be "
            f"the same; choose one above {key} ({frozen})."
        )
    if layer > layers:
        raise StudyError(
            f"config, key 'retrieval.layer': the encoder has {layers} layers, and no layer "
            f"{layer}; choose one of them, or null for the last."
        )


def check_encoder(config: Config, settings: dict[str, Any]) -> None:
    """Whether the encoder whose config.json holds `settings` can do what `config` asks of it.

    Raises:
        StudyError: it cannot.
    """
    check_layers(config, depth_in(settings))
    kind = settings.get("model_type")
    frozen, key = most_frozen(config)
    if kind is not None and frozen and kind not in FAMILIES:
        raise StudyError(
            f"config, key '{key}': lower layers can be frozen for encoders of type "
            f"{', '.join(sorted(FAMILIES))}, and this one is '{kind}'; set it to 0."
        )
    if kind is not None:
        check_gpu_step_of(config, kind)


def _check_predicted_languages(config: Config, root: Path) -> None:
    with (root / LANGUAGES).open(encoding="utf-8", newline="") as stream:
        known = [row["language"] for row in csv.DictReader(stream, delimiter="\t")]
    for code in config["prediction"]["languages"] or []:
        if code not in known:
            raise StudyError(
                f"config, key 'prediction.languages': '{code}' is not in {LANGUAGES}; "
                f"{nearest(code, known)}"
            )


def training_settings(task: str, config: Config, sheets: dict[str, Sheet]) -> dict[str, Any]:
    """Training settings of `task`: the config's for the task, then for all, then the sheet's."""
    own = config["tasks"].get(plain(task), {}).get("training", {})
    return {**sheets[task]["training"], **config["training"], **own}


def multitask_settings(config: Config) -> dict[str, Any]:
    """Training settings of the multi-task row, on which no single task's settings bear."""
    row = config["multitask"]
    defaults = default_training()
    return {**defaults, **config["training"], "epochs": row["epochs"], **row["training"]}


def limits_of(task: str, config: Config) -> dict[str, int | None]:
    """Caps on train, dev and test examples of `task`; None takes all."""
    return {**config["limits"], **config["tasks"].get(plain(task), {}).get("limits", {})}
