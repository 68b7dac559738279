"""How good is a ranking of candidates, and how good is a random one?

NDCG of Jarvelin & Kekalainen (2002) on gains scaled to 0-1; regret@k of Renggli et al. (2022);
recovered@k: how far the best of the first k comes from the mean candidate (0) to the best one (1).
"""

from math import comb

import numpy as np

TIE_BREAKS = 100
FIRST = (1, 3)


def quality(
    gains: np.ndarray, predicted: np.ndarray, scores: np.ndarray | None, seed: int
) -> dict[str, float]:
    """Metrics of the ranking by `predicted`, largest first; ties are broken at random, on average.

    `gains` and `scores` (points; None: no regret) are those of the candidates. A metric that
    needs gains to differ is NaN where they do not.
    """
    ties = len(np.unique(predicted)) < len(predicted)
    random = np.random.default_rng(seed)
    metrics = []
    for _ in range(TIE_BREAKS if ties else 1):
        order = np.lexsort((random.random(len(predicted)), -predicted))
        metrics.append(_metrics(gains[order], None if scores is None else scores[order]))
    return {name: float(np.mean([each[name] for each in metrics])) for name in metrics[0]}


def one_ranking(
    gains: np.ndarray, predicted: np.ndarray, scores: np.ndarray | None
) -> dict[str, float]:
    """As `quality`, with ties in the order of the candidates."""
    order = np.argsort(-predicted, kind="stable")
    return _metrics(gains[order], None if scores is None else scores[order])


def _metrics(gains: np.ndarray, scores: np.ndarray | None) -> dict[str, float]:
    """Metrics of candidates that stand in the predicted order."""
    mean, best = gains.mean(), gains.max()
    metrics = {f"recovered_at_{k}": _ratio(gains[:k].max() - mean, best - mean) for k in FIRST}
    if scores is not None:
        top = scores.max()
        metrics |= {f"regret_at_{k}": 100 * _ratio(top - scores[:k].max(), top) for k in FIRST}
    return {
        **metrics,
        "ndcg": _ratio(_dcg(_relevance(gains)), _dcg(np.sort(_relevance(gains))[::-1])),
        "rank_of_best": float(1 + np.argmax(gains)),
    }


def chance(gains: np.ndarray, scores: np.ndarray | None) -> dict[str, float]:
    """Expected value of each metric of `quality` over all orders of the candidates."""
    mean, best, n = gains.mean(), gains.max(), len(gains)
    metrics = {
        f"recovered_at_{k}": _ratio(_expected_best(gains, k) - mean, best - mean) for k in FIRST
    }
    if scores is not None:
        top = scores.max()
        metrics |= {
            f"regret_at_{k}": 100 * _ratio(top - _expected_best(scores, k), top) for k in FIRST
        }
    relevance = _relevance(gains)
    flat = _dcg(np.log2(1 + np.full(n, np.mean(2**relevance - 1))))
    return {
        **metrics,
        "ndcg": _ratio(flat, _dcg(np.sort(relevance)[::-1])),
        "rank_of_best": (n + 1) / 2,
    }


def _expected_best(values: np.ndarray, k: int) -> float:
    """Expected largest of k different values drawn at random."""
    k = min(k, len(values))
    ways = [comb(below, k - 1) for below in range(len(values))]
    return float(np.sort(values) @ np.array(ways, dtype=float) / comb(len(values), k))


def _relevance(gains: np.ndarray) -> np.ndarray:
    spread = gains.max() - gains.min()
    return (gains - gains.min()) / spread if spread > 0 else np.full(len(gains), np.nan)


def _dcg(relevance: np.ndarray) -> float:
    return float(np.sum((2**relevance - 1) / np.log2(np.arange(2, len(relevance) + 2))))


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("nan")
