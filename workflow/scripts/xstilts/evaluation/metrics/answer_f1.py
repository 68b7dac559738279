"""F1 of an answer's words (SQuAD: Rajpurkar et al. 2016)."""

from xstilts.evaluation.answers import answer_f1
from xstilts.evaluation.metrics.methods.answering import Answering

METRIC = Answering(answer_f1, exact_partner="answer_exact")
