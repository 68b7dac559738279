"""Encoders: loading, the demo encoder, carrying trained weights from one stage to the next.

Import from the modules (`load`, `tokenizer`, `weights`, `demo`): each costs only what
it needs, and none of them imports `transformers` for an encoder of the BERT or RoBERTa family.
"""
