"""A job publishes a run only under the code that it ran.

A study's names are drawn once, when the Snakefile is read; its jobs import the code hours later.
Whoever edits it in between would find the edited code's numbers under the old code's name, also
after the edit is undone.
"""

from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.files import json_object
from xstilts.core.paths import CODE_DIGESTS
from xstilts.plan.code import edited


def check_code(recipe: dict[str, Any], memory: Path = CODE_DIGESTS) -> None:
    """Whether the code is still that which `recipe` was named by.

    What stood behind the digest is read from `memory`, which a study writes when it starts; of a
    recipe without a digest, or with one that is not there (`code: pinned`), nothing is asked.

    Raises:
        StudyError: it was edited.
    """
    definitions = json_object(memory).get(str(recipe.get("code")), {})
    if modules := edited(definitions):
        raise StudyError(
            f"code was edited while the study ran ({', '.join(modules)}), so that this run would "
            "bear the name of other code; call snakemake again, with or without the edit."
        )
