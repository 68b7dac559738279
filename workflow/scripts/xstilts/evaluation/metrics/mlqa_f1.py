"""F1 of an answer's words by MLQA's rules for each language (Lewis et al. 2020)."""

from xstilts.evaluation.answers import mlqa_f1
from xstilts.evaluation.metrics.methods.answering import Answering

METRIC = Answering(mlqa_f1, exact_partner="mlqa_exact")
