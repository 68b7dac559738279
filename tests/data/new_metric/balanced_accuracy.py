"""A metric that the project does not have: the mean of the labels' recalls."""

import numpy as np

from xstilts.evaluation.metrics.protocol import Metric


class BalancedAccuracy(Metric):
    width = None

    @property
    def paper_name(self):
        return "Balanced accuracy"

    def contribute(self, predictions, golds, language):
        labels = np.array(sorted(set(golds)))
        asked = np.array(golds)[:, None] == labels
        right = asked & (np.array(predictions) == np.array(golds))[:, None]
        return np.stack([right, asked], axis=2).reshape(len(golds), -1).astype(float)

    def score_of_totals(self, totals, examples):
        right, asked = totals[..., ::2], totals[..., 1::2]
        recalls = np.divide(right, asked, out=np.zeros_like(right), where=asked > 0)
        return 100 * recalls.sum(axis=-1) / np.maximum((asked > 0).sum(axis=-1), 1)


METRIC = BalancedAccuracy()
