"""Which arithmetic `precision: auto` stands for."""

from typing import Any

from xstilts.core.processor import multiplies_bfloat16

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"


def resolved_precision(config: dict[str, Any]) -> str:
    """The arithmetic that stands in the recipes of a study, so that a name means one of them.

    `auto` is bfloat16 on a GPU and on a processor that has instructions for it. A GPU need not be
    at hand where a study is planned; a job that meets one without bfloat16 says so.
    """
    asked: str = config["precision"]
    if asked != AUTO:
        return asked
    return BFLOAT16 if config["accelerator"] == "gpu" or multiplies_bfloat16() else FLOAT32
