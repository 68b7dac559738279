"""The tables of the rule that infers: each is one object `TABLE` in a file of its own.

To add one, add a file: `contracts.InferenceTable` says what it needs, and the rule, the writer and
the page take it from here. What is heavy is imported inside of `make`, since the Snakefile asks for
names, columns and captions.
"""

from importlib import import_module

from xstilts.core.objects import object_names
from xstilts.inference.contracts import InferenceTable


def inference_tables() -> list[InferenceTable]:
    """All tables in the order in which they are made."""
    names = object_names(__name__)
    tables = [import_module(f"xstilts.inference.tables.{name}").TABLE for name in names]
    return sorted(tables, key=lambda table: table.order)
