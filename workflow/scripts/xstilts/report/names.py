"""How tasks are written and in which order they stand, on every figure, table and page."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

# Rows of the grid that have no sheet of their own, and what is added to a task's name.
_WITHOUT_SHEET = {"none": "none (baseline)", "multitask": "multi-task", "mlm": "MLM"}
_titles: ContextVar[Mapping[str, str]] = ContextVar("titles", default=_WITHOUT_SHEET)


@contextmanager
def titled(titles: Mapping[str, str]) -> Iterator[None]:
    """Inside, tasks are written by these titles, by name: those of the study's sheets.

    The whole of a page or a figure stands inside of one such block, so that no chart, table or
    sentence has to hand the titles on.
    """
    before = _titles.set({**_WITHOUT_SHEET, **titles})
    try:
        yield
    finally:
        _titles.reset(before)


def written(name: str) -> str:
    """The task's title (`squad_v2+mlm`: `SQuAD 2.0 + MLM`); what has none, as it is."""
    titles = _titles.get()
    return " + ".join(titles.get(part, part) for part in name.split("+"))


def measure_name(name: str) -> str:
    """A similarity measure in words (`negative_mmd`: `negative MMD`)."""
    return name.replace("_", " ").replace("mmd", "MMD").replace("logme", "LogME")


def ordered_intermediates(names: Iterable[str]) -> list[str]:
    """Baseline, single tasks in the order given, multi-task, variants (`mnli+mlm`, `ner@de`)."""
    return sorted(
        dict.fromkeys(names),
        key=lambda name: (name != "none", "+" in name or "@" in name, name.startswith("multitask")),
    )


def ordered_languages(codes: Iterable[str]) -> list[str]:
    """English, on which the models are trained, first; the others by code."""
    return sorted(set(codes), key=lambda code: (code != "en", code))


def receipt_link(run: str, folder: str) -> str:
    """Where a run's receipt lies, as seen from the page."""
    path = run if "/" in run else f"target/{run}"
    return f"{folder}/{path}/receipt.json"
