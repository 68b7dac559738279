"""Where the words of tagged sentences are among their tokens."""

from functools import lru_cache

import numpy as np

from xstilts.encoders.inputs import Inputs


class Words:
    """Where the words of each sequence are, and their tags.

    Attributes:
        position: [words with a token] token index, grouped by sequence.
        tag: [words with a token] gold tag.
        word: [words with a token] index of the word among all words of the split.
        begin: [sequences + 1] where each sequence's words begin in the three above.
    """

    def __init__(self, inputs: Inputs) -> None:
        sizes = np.diff(inputs.split.table["labels"].combine_chunks().offsets.to_numpy())
        example = np.repeat(np.arange(len(sizes)), sizes)
        first = np.searchsorted(inputs.split.example, example)
        sequence = first + inputs.column("word_sequence")
        position = inputs.column("word_position")
        self.word = np.flatnonzero(position >= 0)
        # Words stand in reading order, so that this keeps them grouped by sequence.
        self.position = position[self.word]
        self.tag = inputs.column("labels")[self.word]
        count = len(inputs.lengths)
        self.begin = np.searchsorted(sequence[self.word], np.arange(count + 1))

    def of(self, sequence: int) -> slice:
        """The words of one sequence."""
        return slice(self.begin[sequence], self.begin[sequence + 1])


@lru_cache(maxsize=8)
def words_of(inputs: Inputs) -> Words:
    """The words of a split, found once."""
    return Words(inputs)
