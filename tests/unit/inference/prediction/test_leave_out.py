"""Leaving groups out: nothing of a group reaches its own prediction, and intervals hold."""

import numpy as np
import pandas as pd
import pytest

from xstilts.inference.prediction.conformal import threshold
from xstilts.inference.prediction.expectation import expectation
from xstilts.inference.prediction.leave_out import LeaveOut

FACTORS = ("intermediate", "target", "language")


def simulated(seed, shape=(5, 7, 6), scale=1.0):
    draw = np.random.default_rng(seed)
    names = [
        [f"{letter}{n}" for n in range(count)] for letter, count in zip("itl", shape, strict=True)
    ]
    table = pd.MultiIndex.from_product(names, names=FACTORS).to_frame(index=False)
    codes = {name: table[name].str[1:].astype(int).to_numpy() for name in FACTORS}
    gain = draw.normal(size=len(table)) + 1
    for name, count in zip(FACTORS, shape, strict=True):
        gain += draw.normal(size=count)[codes[name]]
    language = pd.DataFrame(draw.normal(size=(shape[2], 2)), columns=["size", "distance"])
    return table.assign(
        gain=scale * gain,
        same_data=False,
        similarity=draw.normal(size=len(table)),
        **language.iloc[codes["language"]].reset_index(drop=True),
    )


@pytest.mark.parametrize("group, held", [("target", "t2"), ("language", "l4")])
def test_a_group_is_predicted_without_its_gains(group, held):
    rows = simulated(1)
    changed = rows.copy()
    out = rows[group] == held
    changed.loc[out, "gain"] = 1000 - 7 * changed.loc[out, "gain"]
    one, other = (LeaveOut(table, group).left_out[out] for table in (rows, changed))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("group, held", [("target", "t2"), ("language", "l4")])
@pytest.mark.parametrize("by_target", [False, True])
def test_an_interval_does_not_know_its_group_s_gains(group, held, by_target):
    """Errors of others are by models that saw the group; only those may move a little."""
    rows = simulated(1)
    out = rows[group] == held
    changed = rows.assign(gain=rows["gain"] + 1e-7 * out)
    one, other = (
        LeaveOut(table, group, by_target=by_target).known(0.8)[out.to_numpy()]
        for table in (rows, changed)
    )
    np.testing.assert_allclose(one["high"] - one["low"], other["high"] - other["low"], atol=1e-3)


def test_same_data_teach_nothing_but_are_predicted():
    rows = simulated(2)
    special = (rows["intermediate"] == "i0") & (rows["target"] == "t0")
    marked = rows.assign(same_data=special)
    moved = marked.assign(gain=rows["gain"] + 50 * special)
    for table in (LeaveOut(marked, "target"), LeaveOut(moved, "target")):
        assert table.left_out.notna().all()
        assert table.coverage(0.8)["rows"].sum() == (~special).sum()
    one, other = (LeaveOut(table, "target").left_out for table in (marked, moved))
    np.testing.assert_allclose(one, other, rtol=1e-9)


def test_known_rows_are_calibrated_on_the_other_groups_alone():
    rows = simulated(3)
    study = LeaveOut(rows, "target")
    errors = (rows["gain"] - study.left_out).abs()
    others = [errors[rows["target"] == name].to_numpy() for name in study.groups if name != "t0"]
    found = study.known(0.8)
    first = found[found["target"] == "t0"]
    np.testing.assert_allclose(first["high"] - first["gain"], threshold(others, 0.8))
    assert (found["confidence"] == 0.8).all()


def test_new_rows_are_calibrated_on_all_groups():
    rows = simulated(3)
    study = LeaveOut(rows, "target")
    new = rows[rows["target"] == "t0"].assign(target="new").drop(columns="gain")
    found = study.new(new, 0.9)
    errors = (rows["gain"] - study.left_out).abs()
    groups = [errors[rows["target"] == name].to_numpy() for name in study.groups]
    np.testing.assert_allclose(found["gain"], expectation(rows).gains(new))
    np.testing.assert_allclose(found["high"] - found["gain"], threshold(groups, 7 / 8))
    assert (found["confidence"] == 7 / 8).all()


def test_a_target_that_is_hard_to_predict_has_wider_intervals_in_new_languages():
    rows = simulated(4)
    wild = rows["target"] == "t1"
    noise = np.random.default_rng(0).normal(scale=10, size=len(rows))
    study = LeaveOut(rows.assign(gain=rows["gain"] + noise * wild), "language", by_target=True)
    new = rows[rows["language"] == "l0"].assign(language="new")
    found = study.new(new, 0.8)
    width = (found["high"] - found["low"]).groupby(found["target"]).mean()
    assert width["t1"] > 2.5 * width.drop("t1").max()


def test_hidden_effects_are_not_used():
    rows = simulated(5)
    same = {"target": "new", "similarity": 0.0, "size": 0.0, "distance": 0.0}
    new = rows[rows["target"] == "t0"].assign(**same)
    shown = LeaveOut(rows, "target").new(new, 0.8)
    hidden = LeaveOut(rows, "target", hidden="language").new(new, 0.8)
    by_language = [table.groupby("language")["gain"].mean().std() for table in (shown, hidden)]
    assert by_language[0] > 0.1 and by_language[1] < 1e-9


def test_coverage_counts_the_rows_inside():
    rows = simulated(6)
    study = LeaveOut(rows, "language", by_target=True)
    table, found = study.coverage(0.8), study.known(0.8).sort_index()
    inside = (found["low"] <= rows["gain"]) & (rows["gain"] <= found["high"])
    counted = inside.groupby(rows["language"]).sum()
    assert dict(zip(table["held_out"], table["covered"], strict=True)) == counted.to_dict()
    assert set(table["scheme"]) == {"leave_one_language_out"}
    assert table["rows"].tolist() == [35] * 6
    assert (table["nominal"] == 0.8).all()
    assert 0.7 < table["covered"].sum() / table["rows"].sum() < 0.98
