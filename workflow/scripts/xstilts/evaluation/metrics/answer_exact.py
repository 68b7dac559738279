"""How many answers are a gold answer word for word (SQuAD: Rajpurkar et al. 2016)."""

from xstilts.evaluation.answers import answer_exact
from xstilts.evaluation.metrics.methods.answering import Answering

METRIC = Answering(answer_exact)
