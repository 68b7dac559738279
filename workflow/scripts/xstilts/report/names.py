"""How tasks are written and in which order they stand, on every figure, table and page."""

from collections.abc import Iterable

XTREME_ORDER = ("xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba")

_WRITTEN = {
    "none": "none (baseline)", "anli": "ANLI", "mnli": "MNLI", "qqp": "QQP",
    "squad_v1": "SQuAD 1.1", "squad_v2": "SQuAD 2.0", "hellaswag": "HellaSwag", "ccg": "CCG",
    "cosmosqa": "Cosmos QA", "commonsenseqa": "CommonsenseQA", "multitask": "multi-task",
    "xnli": "XNLI", "pawsx": "PAWS-X", "pos": "POS", "ner": "NER", "xquad": "XQuAD",
    "mlqa": "MLQA", "tydiqa": "TyDiQA", "bucc": "BUCC", "tatoeba": "Tatoeba",
    "mlm": "MLM",
}  # fmt: skip


def written(name: str) -> str:
    """The name as papers print it (`squad_v2+mlm`: `SQuAD 2.0 + MLM`); unknown ones unchanged."""
    return " + ".join(_WRITTEN.get(part, part) for part in name.split("+"))


def measure_name(name: str) -> str:
    """A similarity measure in words (`negative_mmd`: `negative MMD`)."""
    return name.replace("_", " ").replace("mmd", "MMD").replace("logme", "LogME")


def ordered_intermediates(names: Iterable[str]) -> list[str]:
    """Baseline, single tasks in the order given, multi-task, variants (`<task>+<variant>`)."""
    return sorted(
        dict.fromkeys(names),
        key=lambda name: (name != "none", "+" in name, name.startswith("multitask")),
    )


def ordered_targets(names: Iterable[str]) -> list[str]:
    """XTREME's order; targets that XTREME does not have follow in the order given."""
    rank = {name: position for position, name in enumerate(XTREME_ORDER)}
    return sorted(dict.fromkeys(names), key=lambda name: rank.get(name, len(rank)))


def ordered_languages(codes: Iterable[str]) -> list[str]:
    """English, on which the models are trained, first; the others by code."""
    return sorted(set(codes), key=lambda code: (code != "en", code))


def receipt_link(run: str, folder: str) -> str:
    """Where a run's receipt lies, as seen from the page."""
    path = run if "/" in run else f"target/{run}"
    return f"{folder}/{path}/receipt.json"
