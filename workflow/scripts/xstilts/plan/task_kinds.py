"""What a config and its task sheets ask of kinds and metrics, which `config` does not know."""

from collections.abc import Iterator, Mapping

from xstilts.config.sheets import Sheet
from xstilts.config.study_config import Config, training_settings
from xstilts.config.variants import plain
from xstilts.core.column_forms import Column, check_form
from xstilts.core.directions import check_direction
from xstilts.core.errors import StudyError, nearest
from xstilts.encoders.sources import encoder_source_of
from xstilts.evaluation.metrics import metric_names
from xstilts.kinds import Kind, kind_of


def check_kinds(sheets: Mapping[str, Sheet]) -> None:
    """Whether the kind that each sheet names is there, and has the fields that the sheet maps.

    Raises:
        StudyError: it is not, or has not, or cannot take the sheet's labels.
    """
    for name, sheet in sheets.items():
        where = f"resources/tasks/{name}.yaml, key"
        try:
            kind = kind_of(sheet["kind"])
        except StudyError as error:
            raise StudyError(f"{where} 'kind': {error}") from None
        fields = ["id", *kind.shape.required, *kind.shape.optional]
        for field, column in _mapped(sheet):
            check_form(column, f"{where} 'columns.{field}'")
            if field not in fields:
                raise StudyError(
                    f"{where} 'columns': a task of kind {sheet['kind']} has no field '{field}'; "
                    f"{nearest(field, fields)}"
                )
        _check_labels(sheet, kind, where)


def check_metrics(sheets: Mapping[str, Sheet]) -> None:
    """Whether the metrics that each sheet names are there.

    Raises:
        StudyError: one is not.
    """
    known = metric_names()
    for name, sheet in sheets.items():
        for metric in sheet["metrics"]:
            if metric not in known:
                raise StudyError(
                    f"resources/tasks/{name}.yaml, key 'metrics': There is no metric '{metric}'; "
                    f"{nearest(metric, known)}"
                )


def _mapped(sheet: Sheet) -> Iterator[tuple[str, Column]]:
    """All fields of a sheet with what they are made of, those of single parts included."""
    yield from sheet["columns"].items()
    for parts in sheet["splits"].values():
        for part in parts:
            yield from part.get("columns", {}).items()


def _check_labels(sheet: Sheet, kind: Kind, where: str) -> None:
    if (sheet["labels"] is not None) != kind.has_labels:
        says = "list its labels, or say from_data" if kind.has_labels else "say null"
        raise StudyError(
            f"{where} 'labels': a task of kind {sheet['kind']} has "
            f"{'labels with' if kind.has_labels else 'no labels with'} names; {says}."
        )
    if sheet.get("merged_labels") and not kind.joins_labels:
        raise StudyError(
            f"{where} 'merged_labels': these are of tags, and a task of kind {sheet['kind']} has "
            "none; leave the key out."
        )
    listed = isinstance(sheet["labels"], list) and kind.joins_labels
    for label in sheet["labels"] if listed else ():
        if label.split() != [label]:
            raise StudyError(
                f"{where} 'labels': the tag {label!r} holds white space, which stands between "
                "tags; write it with an underscore."
            )


def check_heads(config: Config, sheets: dict[str, Sheet]) -> None:
    """Whether the encoder has what heads read that read one vector of a sequence.

    Raises:
        StudyError: one reads the first token alone, which in a decoder knows no other.
    """
    encoder = config["encoder"]
    settings = encoder_source_of(encoder["source"]).transformers_config(encoder)
    if settings is None:
        return
    targets = [sheets[name]["training_set"] or name for name in config["target_tasks"]]
    tasks = [*map(plain, config["intermediate_tasks"]), *targets]
    heads = {
        task: training_settings(task, config, sheets)["head"]
        for task in tasks
        if kind_of(sheets[task]["kind"]).reads_one_vector
    }
    check_direction(settings, heads, config["retrieval"]["pooling"])
