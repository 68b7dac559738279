"""Encoders whose lower layers run by themselves: frozen ones are computed once for all runs.

Names are those of `model_type` in config.json. Decides numbers.
"""

# RoBERTa counts positions from the padding index + 1 (fairseq's convention), BERT from 0.
# RemBERT is BERT whose embeddings are narrower than its layers.
REMBERT = "rembert"
BERT_FAMILY = {"bert", REMBERT}
ROBERTA_FAMILY = {"roberta", "xlm-roberta", "camembert"}
FAMILIES = BERT_FAMILY | ROBERTA_FAMILY
