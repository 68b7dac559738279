"""Which lines are read for masked language modelling, and which of their tokens are hidden."""

from dataclasses import dataclass

import numpy as np

# BERT's rule (Devlin et al. 2019, section 3.1): of the chosen tokens 80 % become the mask, 10 % a
# random token, and 10 % stay.
MASKED, RANDOM = 0.8, 0.1

# Purposes of random draws, so that no two share a stream; the loop has 1 and 2.
LINES, BATCHES, MASKS, TURNS = 3, 4, 5, 6


def language_shares(lines: list[int], exponent: float) -> np.ndarray:
    """How often each language comes, from its number of lines.

    p ** exponent, normalised, as XLM samples (Conneau & Lample 2019, section 3.1).
    """
    share = np.asarray(lines, dtype=float) / sum(lines)
    weights = share**exponent
    return weights / weights.sum()


def draw_lines(
    languages: np.ndarray, shares: np.ndarray, count: int, seed: list[int]
) -> np.ndarray:
    """Sequences of `count` draws: a language by its share, then the next of its lines.

    A language's lines come in a random order, all of them before any comes again.

    Args:
        languages: [sequences] number of each sequence's language.
        shares: [languages] probabilities.
        count: draws.
        seed: entropy; the same numbers give the same draws.
    """
    random = np.random.default_rng(seed)
    drawn = random.choice(len(shares), size=count, p=shares)
    sequences = np.empty(count, dtype=np.int64)
    for language in range(len(shares)):
        drawn_here = np.flatnonzero(drawn == language)
        own = np.flatnonzero(languages == language)
        rounds = -(-len(drawn_here) // max(1, len(own)))
        order = [random.permutation(own) for _ in range(rounds)]
        sequences[drawn_here] = np.concatenate([*order, own[:0]])[: len(drawn_here)]
    return sequences


@dataclass(frozen=True)
class Hidden:
    """Tokens of a sequence after masking, and what is to be found again.

    Attributes:
        tokens: [length] what the encoder reads.
        positions: [hidden] indices of the tokens to be found.
        gold: [hidden] what stood there.
    """

    tokens: np.ndarray
    positions: np.ndarray
    gold: np.ndarray


@dataclass(frozen=True)
class Masking:
    """How tokens are hidden.

    Attributes:
        rate: share of tokens that are to be found; at least one of a sequence.
        mask: the token that masks.
        special: tokens that are never hidden.
        vocabulary: tokens that may stand in for one.
    """

    rate: float
    mask: int
    special: np.ndarray
    vocabulary: np.ndarray

    def hide(self, tokens: np.ndarray, seed: list[int]) -> Hidden:
        """`tokens` with some hidden; the same seed hides the same."""
        random = np.random.default_rng(seed)
        open_still = np.flatnonzero(~np.isin(tokens, self.special))
        count = min(len(open_still), max(1, round(self.rate * len(open_still))))
        positions = np.sort(random.choice(open_still, size=count, replace=False))
        gold, read = tokens[positions].astype(np.int64), tokens.astype(np.int64)
        how = random.random(count)
        others = random.choice(self.vocabulary, size=count)
        read[positions] = np.where(how < MASKED, self.mask, gold)
        swapped = (how >= MASKED) & (how < MASKED + RANDOM)
        read[positions[swapped]] = others[swapped]
        return Hidden(read, positions, gold)
