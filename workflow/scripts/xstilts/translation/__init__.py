"""Training examples in another language, by a sequence-to-sequence model."""
