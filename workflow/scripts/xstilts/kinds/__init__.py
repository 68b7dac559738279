"""One module per kind of task; each alike: units, head, loss, outputs, answers.

Every module has
    units(inputs)                             -> what a training step cannot divide
    build_head(hidden_size, labels, how, dropout) -> the head, always started afresh
    loss(head, states, inputs, units)         -> mean loss of a batch
    outputs(head, states, inputs, units)      -> one plain object per unit
    answers(outputs, inputs, labels)          -> predictions and golds as text, one per example
"""

from importlib import import_module
from types import ModuleType

TRAINED_KINDS = ("pair_classification", "multiple_choice", "tagging", "span_qa")


def kind_of(name: str) -> ModuleType:
    """The module of kind `name`."""
    return import_module(f"xstilts.kinds.{name}")
