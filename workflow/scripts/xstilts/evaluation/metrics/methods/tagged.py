"""Tags joined by blanks, as the predictions table holds them."""

from xstilts.evaluation.metrics.protocol import Texts


def split_tags(sentences: Texts) -> list[list[str]]:
    """The tags of each sentence."""
    return [sentence.split() for sentence in sentences]
