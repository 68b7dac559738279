"""F1 of parts of speech on XTREME's terms: seqeval's spans of bare tags, see `evaluation.tags`."""

from xstilts.evaluation.metrics.span_f1 import SpanF1

METRIC = SpanF1()
