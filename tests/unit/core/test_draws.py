import hashlib
import random

from xstilts.core.draws import hash_order, hash_rank

IDS = [f"test-{row}" for row in range(1000)]


def test_a_rank_is_a_pinned_function_of_seed_and_id():
    digest = hashlib.blake2b(b"1\x00test-0", digest_size=8).hexdigest()
    assert hash_rank(1, "test-0") == int(digest, 16)
    assert hash_rank(2, "test-0") != hash_rank(1, "test-0")


def test_a_larger_limit_keeps_what_a_smaller_one_took():
    taken = hash_order(1, IDS)
    assert sorted(taken) == list(range(1000))
    shuffled = random.Random(0).sample(IDS, 1000)
    assert [shuffled[i] for i in hash_order(1, shuffled)] == [IDS[i] for i in taken]


def test_a_language_that_lacks_a_row_keeps_the_other_items():
    full = {IDS[i] for i in hash_order(1, IDS)[:50]}
    lacking = IDS[:500] + IDS[501:]
    other = {lacking[i] for i in hash_order(1, lacking)[:50]}
    assert len(full & other) >= 49
