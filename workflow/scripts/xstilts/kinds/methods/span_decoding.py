"""The answer that start and end logits point to (BERT's n-best search over windows)."""

from collections.abc import Sequence

import numpy as np


def _best_of_window(
    start: np.ndarray, end: np.ndarray, first: int, fullest: np.ndarray, n_best: int, longest: int
) -> tuple[float, int, int]:
    """Score and context positions of the best span in one window; score -inf if there is none."""
    # In order of position, so that argmax takes the earliest of equal spans.
    starts = np.sort(np.argsort(-start, kind="stable")[:n_best])
    ends = np.sort(np.argsort(-end, kind="stable")[:n_best])
    starts = starts[(starts >= first) & (starts < first + len(fullest))]
    starts = starts[fullest[starts - first]]
    ends = ends[(ends >= first) & (ends < first + len(fullest))]
    length = ends - starts[:, None]
    scores = np.where((length >= 0) & (length < longest), start[starts, None] + end[ends], -np.inf)
    if not scores.size:
        return -np.inf, 0, 0
    row, column = divmod(int(scores.argmax()), len(ends))
    return float(scores[row, column]), int(starts[row]) - first, int(ends[column]) - first


def best_answer(
    start_logits: Sequence[np.ndarray],
    end_logits: Sequence[np.ndarray],
    context_first: Sequence[int],
    char_start: Sequence[Sequence[int]],
    char_end: Sequence[Sequence[int]],
    max_context: Sequence[Sequence[bool]],
    context: str,
    *,
    n_best: int = 20,
    max_answer_tokens: int = 30,
    null_threshold: float | None = None,
) -> str:
    """The text of the best span of one question, or "" (Devlin et al. 2019, run_squad).

    Args:
        start_logits: per window [its tokens, no padding]; token 0 is <s>, the place of "no answer".
        end_logits: likewise.
        context_first: per window, index of its first context token.
        char_start: per window [context tokens], where each token begins in `context`.
        char_end: per window [context tokens], where it ends (exclusive).
        max_context: per window [context tokens], whether this window shows the token with the most
            context; an answer may begin only there, so that no place is judged twice.
        context: the text to answer from.
        n_best: as many best starts and best ends of each window are paired, over all its tokens.
        max_answer_tokens: longest answer.
        null_threshold: None where every question has an answer (SQuAD v1.1); else the answer is ""
            where the smallest no-answer score of a window exceeds the best span's by more (v2.0).

    Of equal spans the earliest window, then start, then end is taken. Without any valid span: "".
    """
    best, answer, null = -np.inf, "", np.inf
    for window, first in enumerate(context_first):
        start = np.asarray(start_logits[window], np.float64)
        end = np.asarray(end_logits[window], np.float64)
        null = min(null, start[0] + end[0])
        fullest = np.asarray(max_context[window], bool)
        score, begin, last = _best_of_window(start, end, first, fullest, n_best, max_answer_tokens)
        if score > best:
            best = score
            answer = context[char_start[window][begin] : char_end[window][last]].strip()
    if null_threshold is not None and null - best > null_threshold:
        return ""
    return answer
