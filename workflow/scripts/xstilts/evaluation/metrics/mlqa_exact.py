"""How many answers are a gold answer by MLQA's rules (Lewis et al. 2020)."""

from xstilts.evaluation.answers import mlqa_exact
from xstilts.evaluation.metrics.methods.answering import Answering

METRIC = Answering(mlqa_exact)
