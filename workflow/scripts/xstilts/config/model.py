"""The config of a study: checked by itself, then against the task sheets."""

import csv
import json
import math
import re
from pathlib import Path
from typing import Any

from xstilts.config.fidelity import check_fidelity, most_frozen
from xstilts.config.precision import resolved_precision
from xstilts.config.schema.study import Study
from xstilts.config.sheets import Sheet, default_training, read_sheets, task_of
from xstilts.config.validation import validate
from xstilts.config.variants import check_rows, plain
from xstilts.core.encoder_families import FAMILIES
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import check_name, check_template
from xstilts.sources import source_of

Config = dict[str, Any]

DEMO_LAYERS = 12
# What the families call their number of layers in config.json (BERT's, mT5's, DistilBERT's).
LAYER_COUNTS = ("num_hidden_layers", "num_layers", "n_layers")
LANGUAGES = Path("resources/languages.tsv")
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def read_config(raw: Config, root: Path) -> Config:
    """`raw` with all defaults, once it is as `Study` says and fits the sheets under `root`.

    `root` is the repository.

    Raises:
        StudyError: the first mistake, as one sentence with its remedy.
    """
    config = validate(raw, Study, "config")
    _check_names(config)
    sheets = sheets_of(root)
    _check_tasks(config, sheets)
    _check_places(config)
    _check_layers(config)
    check_fidelity(config)
    _check_predicted_languages(config, root)
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


def _check_places(config: Config) -> None:
    try:
        source = source_of(config["source"])
    except StudyError as error:
        raise StudyError(f"config, key 'source': {error}") from None
    source.check_config(config)
    encoder = config["encoder"]
    if encoder["source"] == "folder" and encoder["path"] is None:
        raise StudyError(
            "config: encoder `source: folder` needs encoder.path, a folder of weights."
        )
    if encoder["source"] == "hub" and not HUB_NAME.fullmatch(encoder["path"] or ""):
        raise StudyError(
            "config: encoder `source: hub` needs encoder.path, the model's owner and name "
            "(FacebookAI/xlm-roberta-large)."
        )


def _check_layers(config: Config) -> None:
    encoder = config["encoder"]
    check_layers(config, _layers_of(encoder))
    if encoder["source"] == "folder":
        text = (Path(encoder["path"]) / "config.json").read_text(encoding="utf-8")
        check_encoder(config, json.loads(text))


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
    check_layers(config, _layers_in(settings))
    kind = settings.get("model_type")
    frozen, key = most_frozen(config)
    if kind is not None and frozen and kind not in FAMILIES:
        raise StudyError(
            f"config, key '{key}': lower layers can be frozen for encoders of type "
            f"{', '.join(sorted(FAMILIES))}, and this one is '{kind}'; set it to 0."
        )


def _layers_in(settings: dict[str, Any]) -> float:
    found = (settings[name] for name in LAYER_COUNTS if isinstance(settings.get(name), int))
    return next(found, math.inf)


def _layers_of(encoder: Config) -> float:
    """How many layers the encoder will have; no end of them before it is fetched from the Hub."""
    layers = encoder["layers"]
    if encoder["source"] == "demo":
        if layers is not None and layers > DEMO_LAYERS:
            raise StudyError(
                f"config, key 'encoder.layers': the demo encoder has {DEMO_LAYERS} layers; "
                "ask for no more."
            )
        return layers or DEMO_LAYERS
    if layers is not None:
        raise StudyError(
            "config, key 'encoder.layers': only the demo encoder can be shortened; leave the key "
            f"out with `source: {encoder['source']}`."
        )
    if encoder["source"] == "hub":
        return math.inf
    path = Path(encoder["path"]) / "config.json"
    try:
        layers = _layers_in(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError):
        layers = math.inf
    if layers == math.inf:
        raise StudyError(
            f"config, key 'encoder.path': {path} is missing or gives no num_hidden_layers; give a "
            "folder of transformers files (config.json, model.safetensors, tokenizer.json)."
        )
    return layers


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
