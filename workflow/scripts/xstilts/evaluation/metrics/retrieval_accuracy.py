"""How many sentences find their translation first (Tatoeba: Artetxe & Schwenk 2019)."""

from xstilts.evaluation.metrics.accuracy import Accuracy

METRIC = Accuracy()
