"""What both rules that compare tasks do: check the runs, compare, write."""

import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from xstilts.core.receipts import read_receipt, verify
from xstilts.similarity.comparison import Comparison
from xstilts.similarity.task_map import write_map


def compare(
    receipts: Iterable[str], plan: str, similarity: str, task_map: str, problems: str
) -> None:
    """Write the similarity of every two tasks of `plan` (JSON), a map of tasks, and what is wrong.

    Raises:
        DamagedRun: embeddings of a task are no longer what their receipt says.
    """
    for folder in (Path(receipt).parent for receipt in receipts):
        verify(folder, read_receipt(folder))
    comparison = Comparison(json.loads(plan))
    pq.write_table(comparison.table(), similarity)
    write_map(comparison, Path(task_map))
    sentences = "".join(f"{sentence}\n" for sentence in comparison.problems)
    Path(problems).write_text(sentences, encoding="utf-8")
