"""Batches against the definition of a batch, by property tests."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xstilts.encoders import batching


def units_of(sizes):
    """Units from pairs (number of sequences, longest length)."""
    count = np.array([count for count, _ in sizes])
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    return batching.Units(first, count, np.array([length for _, length in sizes]))


def tokens(units, batch):
    return units.length[batch].max() * units.count[batch].sum()


SIZES = st.lists(st.tuples(st.integers(1, 5), st.integers(2, 60)), min_size=1, max_size=90)
LIMITS = st.tuples(st.integers(1, 7), st.one_of(st.none(), st.integers(1, 400)))


@given(SIZES, LIMITS, st.integers(0, 2**33))
def test_an_epoch_is_every_unit_once_within_the_limits(sizes, limits, seed):
    most_examples, most_tokens = limits
    units = units_of(sizes)
    batches = batching.epoch(units, [seed, 3], most_examples, most_tokens)
    assert sorted(itertools.chain.from_iterable(batches)) == list(range(len(sizes)))
    for batch in batches:
        assert 1 <= len(batch) <= most_examples
        # A unit that is too long for the budget stands alone.
        assert most_tokens is None or len(batch) == 1 or tokens(units, batch) <= most_tokens


@given(SIZES, LIMITS)
def test_a_batch_is_closed_only_where_the_next_unit_would_not_fit(sizes, limits):
    most_examples, most_tokens = limits
    units, order = units_of(sizes), np.arange(len(sizes))[::-1]
    batches = batching.fill(order, units, most_examples, most_tokens)
    assert np.concatenate(batches).tolist() == order.tolist()
    for batch, after in itertools.pairwise(batches):
        larger = np.append(batch, after[0])
        too_many = len(larger) > most_examples
        assert too_many or (most_tokens is not None and tokens(units, larger) > most_tokens)


@given(SIZES)
def test_evaluation_takes_every_unit_once_by_length(sizes):
    units = units_of(sizes)
    order = np.concatenate(batching.in_order(units))
    assert sorted(order) == list(range(len(sizes)))
    assert (np.diff(units.length[order]) >= 0).all()


@given(SIZES)
def test_all_sequences_of_a_unit_stay_together(sizes):
    units = units_of(sizes)
    owner = np.repeat(np.arange(len(sizes)), units.count)
    for batch in batching.epoch(units, [1], 4, None):
        expected = [i for unit in batch for i in np.flatnonzero(owner == unit)]
        assert units.sequences(batch).tolist() == expected


MANY = units_of([(1, 3 + number % 37) for number in range(300)])


def as_lists(batches):
    return [batch.tolist() for batch in batches]


def test_same_seed_same_batches_other_seed_or_epoch_others():
    first = as_lists(batching.epoch(MANY, [1, 0], 8, 200))
    assert first == as_lists(batching.epoch(MANY, [1, 0], 8, 200))
    for other in ([2, 0], [1, 1]):
        found = as_lists(batching.epoch(MANY, other, 8, 200))
        assert found != first
        # Not only in another order of the batches: examples meet other neighbours.
        assert len({frozenset(b) for b in found} & {frozenset(b) for b in first}) < len(first) / 2


def test_passes_are_epochs_one_after_the_other():
    epochs = [batching.epoch(MANY, [7, number], 16, 300) for number in range(3)]
    expected = list(itertools.chain.from_iterable(epochs))
    found = list(itertools.islice(batching.passes(MANY, [7], 16, 300), len(expected)))
    assert as_lists(found) == as_lists(expected)


def test_batches_hold_similar_lengths_and_come_in_random_order():
    batches = batching.epoch(MANY, [1], 10, None)
    padded = sum(tokens(MANY, batch) for batch in batches)
    at_random = batching.fill(np.random.default_rng(1).permutation(300), MANY, 10, None)
    real = MANY.length.sum()
    assert padded - real < 0.25 * (sum(tokens(MANY, batch) for batch in at_random) - real)
    longest = [MANY.length[batch].max() for batch in batches]
    # Sorted batches would train on short texts first and end on the longest.
    assert abs(np.corrcoef(longest, np.arange(len(longest)))[0, 1]) < 0.7
