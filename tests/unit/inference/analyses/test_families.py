"""Families: which tasks change places, by enumeration; the interval, by its definition."""

from itertools import permutations

import numpy as np
import pytest
from scenarios import NULL, simulate

from xstilts.inference.analyses.families import Families, member_codes, of_kinds, pair_codes
from xstilts.inference.analyses.headline import fit_dyads, permute
from xstilts.inference.analyses.permutation import mrqap
from xstilts.inference.analyses.relabelling import Labels, Relabelling
from xstilts.inference.dyads import dyads, seed_means, task_similarity


def drawn(labels: Labels, seen: np.ndarray, draws: int = 4000) -> set:
    rows, columns = Relabelling(labels, seen).orders(draws, seed=1)
    return {(tuple(a), tuple(b)) for a, b in zip(rows.tolist(), columns.tolist(), strict=True)}


def test_members_stay_in_their_family_and_equal_families_swap():
    labels = Labels("abcde", "x", ["one", "one", "two", "two", "three"], [""])
    seen = np.ones((5, 1), dtype=bool)
    family = np.array([0, 0, 1, 1, 2])
    expected = {
        order
        for order in permutations(range(5))
        if order[4] == 4
        and family[order[0]] == family[order[1]]
        and family[order[2]] == family[order[3]]
    }
    found = {rows for rows, _ in drawn(labels, seen)}
    assert found == expected
    assert Relabelling(labels, seen).count == len(expected) == 8


def test_without_families_all_orders_come():
    found = drawn(Labels.unknown((3, 3)), np.ones((3, 3), dtype=bool))
    assert len(found) == 36 == Relabelling(Labels.unknown((3, 3)), np.ones((3, 3), bool)).count


def test_a_square_table_moves_both_sides_at_once():
    names = list("abcd")
    labels = Labels(names, names[::-1], [""] * 4, [""] * 4)
    seen = ~np.eye(4, dtype=bool)[:, ::-1]
    found = drawn(labels, seen)
    assert len(found) == 24
    for rows, columns in found:
        assert [names[k] for k in rows] == [names[::-1][k] for k in columns][::-1]


def test_a_task_on_one_side_never_stands_for_one_on_both():
    labels = Labels(list("abcd"), list("abxy"), [""] * 4, [""] * 4)
    found = Relabelling(labels, np.ones((4, 4), dtype=bool))
    # a and b change places together, c and d by themselves, x and y by themselves.
    assert found.count == 8
    rows, _ = found.orders(500, seed=2)
    assert set(rows[:, :2].ravel()) == {0, 1}


def test_a_family_with_a_hole_keeps_its_place_and_its_others_move():
    labels = Labels("abcd", "xyz", ["one", "one", "two", "two"], [""] * 3)
    seen = np.ones((4, 3), dtype=bool)
    seen[0, 0] = False
    found = Relabelling(labels, seen)
    assert found.rows.tolist() == [1, 2, 3]
    assert found.count == 2 * 2


def test_the_interval_holds_the_slopes_that_are_not_rejected():
    random = np.random.default_rng(3)
    predictor = random.normal(size=(7, 6)) + random.normal(size=(7, 1))
    response = 0.4 * predictor + random.normal(size=(7, 6)) + random.normal(size=(1, 6))
    (found,) = mrqap(response, [predictor], permutations=999, seed=4)

    def p(slope: float) -> float:
        return mrqap(response - slope * predictor, [predictor], permutations=999, seed=4)[0].p

    for end, outward in ((found.low, -1), (found.high, 1)):
        assert p(end - outward * 1e-6) > 0.05
        assert p(end + outward * 1e-6) <= 0.05
    assert found.low < found.slope < found.high
    assert (found.p > 0.05) == (found.low <= 0 <= found.high)


def test_the_interval_with_a_covariate_and_a_hole():
    random = np.random.default_rng(5)
    predictor, covariate, response = random.normal(size=(3, 7, 7))
    response[2, 3] = np.nan
    (found,) = mrqap(response, [predictor], [covariate], permutations=499, seed=4)
    moved = response - (found.high - 1e-6) * predictor
    assert mrqap(moved, [predictor], [covariate], permutations=499, seed=4)[0].p > 0.05
    moved = response - (found.high + 1e-6) * predictor
    assert mrqap(moved, [predictor], [covariate], permutations=499, seed=4)[0].p <= 0.05


KINDS = {"mnli": "pair", "xnli": "pair", "xquad": "span", "mlqa": "span", "tydiqa": "span",
         "bucc": "retrieval", "tatoeba": "retrieval", "squad_v1": "span"}  # fmt: skip
TRAINING = {"xnli": "mnli", "xquad": "squad_v1", "mlqa": "squad_v1", "tydiqa": "tydiqa",
            "bucc": None, "tatoeba": None}  # fmt: skip


def test_targets_that_share_a_fine_tune_or_sentences_are_one_member():
    members = of_kinds(KINDS, TRAINING).members
    assert members["xquad"] == members["mlqa"] != members["tydiqa"]
    assert members["bucc"] == members["tatoeba"]


def test_families_of_the_config_go_before_the_kinds():
    assert of_kinds(KINDS, TRAINING, {"mnli": "inference"}).of == {"mnli": "inference"}


def study(families: Families | None, seed: int = 1):
    simulated = simulate(NULL["N1"], seed)
    rows = seed_means(simulated.gains)
    return dyads(rows, task_similarity(simulated.similarity, "text_embedding"), families)[0]


def test_few_pairs_of_families_have_no_effect():
    two = {name: "ab"[k % 2] for k, name in enumerate(sorted(KINDS))}
    table = study(Families(two | dict.fromkeys(("anli", "qqp", "pos", "ner", "pawsx"), "a")))
    assert pair_codes(table[table["intermediate"].isin(two) & table["target"].isin(two)]) is None
    assert pair_codes(study(None)) is None
    # Every task a family of its own: the pairs are the dyads.
    assert pair_codes(study(Families({"nobody": "x"}))) is None


def test_shared_members_are_one_column_of_the_permutation_test():
    table = study(Families({}, {"xquad": "squad", "mlqa": "squad"}))
    (found,) = permute(table, "gain_scaled", ["similarity_standardised"], permutations=99, seed=1)
    assert (found.intermediates, found.targets, found.n) == (9, 8, 72)
    assert len(np.unique(member_codes(table))) == 72
    assert member_codes(study(Families())) is None


def test_the_effect_of_pairs_is_the_one_that_was_simulated():
    random = np.random.default_rng(8)
    families = {f"t{k:02d}": f"f{k % 5}" for k in range(40)}
    names = sorted(families)
    rows = [(one, two) for one in names[:20] for two in names[20:]]
    effects = {(a, b): random.normal() for a in range(5) for b in range(5)}
    gain = [
        effects[int(families[a][1]), int(families[b][1])] + 0.5 * random.normal() for a, b in rows
    ]
    table = study(None).iloc[:0].reindex(range(len(rows)))
    table["intermediate"], table["target"] = zip(*rows, strict=True)
    table = Families(families).mark(table)
    table["gain_scaled"], table["same_data"] = gain, False
    table["similarity_standardised"] = random.normal(size=len(rows))
    fitted = fit_dyads(table)
    assert fitted.fit.variances["family pair"] == pytest.approx(1.0, rel=0.5)
    assert fitted.fit.residual_variance == pytest.approx(0.25, rel=0.2)
