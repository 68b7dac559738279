"""Sentences that translate each other, found by the states of an encoder."""
