"""Tags joined by blanks, as the predictions table holds them."""

from collections.abc import Sequence


def split_tags(sentences: Sequence[str]) -> list[list[str]]:
    """The tags of each sentence."""
    return [sentence.split() for sentence in sentences]
