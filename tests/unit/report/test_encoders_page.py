"""The page over several encoders: it answers first over all, and leads to each one's page."""

import numpy as np
import pandas as pd
import pytest

from helpers.browser import SIZES, chromium, visit
from helpers.simulated_encoders import NAMES, encoders_inputs
from xstilts.report import dyad_gains
from xstilts.report.encoder_choice import OTHERS, choose
from xstilts.report.encoders_page import OVER_ALL, Chosen, render_encoders


@pytest.fixture(scope="module")
def inputs():
    return encoders_inputs()


@pytest.fixture(scope="module")
def chosen(inputs) -> Chosen:
    return Chosen.of(inputs)


@pytest.fixture(scope="module")
def page(inputs, chosen, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render_encoders(inputs, chosen), encoding="utf-8")
    return file


def test_the_row_to_take_has_the_best_mean_dev_score(inputs, chosen):
    for choice in chosen.joint:
        dev = pd.concat(own.rivals for own in inputs.encoders.values())
        dev = dev[dev["target"] == choice.target].groupby("intermediate")["dev_score"].mean()
        if dev.isna().all():
            assert choice.target == "tatoeba"
            assert choice.chosen_on == OTHERS
            continue
        # The simulated baseline is as good as the best there, so that nothing is taken.
        assert dev["none"] == dev["mnli"]
        assert (choice.taken, choice.rival) == ("none", "mnli")


def test_the_gain_over_all_encoders_is_the_mean_of_theirs(inputs, chosen):
    for choice in chosen.joint:
        if " / " in choice.taken:
            continue
        row = choice.rival or choice.taken
        own = [one.dyads.set_index(["intermediate", "target"]) for one in inputs.encoders.values()]
        expected = np.mean([table.loc[(row, choice.target), "gain"] for table in own])
        assert choice.gain == pytest.approx(expected)
        assert choice.low < choice.gain < choice.high


def test_encoders_that_disagree_widen_the_interval(inputs):
    joint = inputs.joint.dyads.set_index(["intermediate", "target"])
    same = dyad_gains.summarise(
        inputs.joint.gains.assign(
            gain=inputs.joint.gains.groupby(["intermediate", "target", "language"])[
                "gain"
            ].transform("mean")
        ),
        inputs.joint.errors,
    ).set_index(["intermediate", "target"])
    assert ((joint["high"] - joint["low"]) > (same["high"] - same["low"])).all()


def gains_of(values: dict[str, tuple[float, ...]]) -> pd.DataFrame:
    rows = [
        (name, "tatoeba", "sw", encoder, gain, gain - 1, gain + 1, False)
        for name, gains in values.items()
        for encoder, gain in enumerate(gains, start=1)
    ]
    names = ["intermediate", "target", "language", "seed", "gain", "low", "high", "same_data"]
    return pd.DataFrame(rows, columns=names)


def without_dev(values: dict[str, tuple[float, ...]]):
    gains = gains_of(values)
    rivals = pd.DataFrame(
        [("tatoeba", name, None) for name in ("none", *values)],
        columns=["target", "intermediate", "dev_score"],
    )
    errors = pd.DataFrame(columns=["target", "first", "second", "error"])
    table = {str(k): rivals for k in range(len(next(iter(values.values()))))}
    return choose(["tatoeba"], table, gains, dyad_gains.summarise(gains), errors)[0]


def test_without_a_dev_set_each_encoder_takes_what_the_others_gain_most_with():
    choice = without_dev({"mnli": (3.0, 5.0), "qqp": (1.0, 2.0)})
    assert (choice.taken, choice.gain, choice.better) == ("mnli", 4.0, 2)
    # Each is best with the one encoder, and so is taken with the other one.
    choice = without_dev({"mnli": (6.0, -2.0), "qqp": (1.0, 4.0)})
    assert (choice.taken, choice.gain) == ("qqp / mnli", (1.0 - 2.0) / 2)
    assert np.isnan(choice.low)
    choice = without_dev({"mnli": (-3.0, -5.0), "qqp": (-4.0, -6.0)})
    assert (choice.taken, choice.rival) == ("none", "mnli")


def test_the_table_has_every_target_over_all_encoders_and_with_each(inputs, chosen):
    table = chosen.table()
    assert list(table.columns) == ["target", "encoder", "taken", "gain", "low", "high", "chosen_on"]
    for target in inputs.joint.targets:
        assert list(table.loc[table["target"] == target, "encoder"]) == [OVER_ALL, *NAMES]


def test_the_page_says_what_is_so_over_all_and_leads_to_each(page, inputs):
    html = page.read_text(encoding="utf-8")
    for name in NAMES:
        assert html.count(f'href="{name}/report.html"') == 2
    assert html.index("The intermediate task to take") < html.index("What each encoder says")
    assert inputs.joint.answer["answer"].replace("-", "−")[:40] in html.replace("-", "−")
    share = inputs.joint.answer["common_share"]
    assert f"{round(100 * share)}\N{NO-BREAK SPACE}% of the variance is common" in html
    assert 'src="http' not in html
    again = render_encoders(inputs, Chosen.of(inputs))
    assert again == html


def test_nothing_in_common_is_told_and_no_crash(inputs):
    import dataclasses

    empty = dataclasses.replace(
        inputs.joint, gains=inputs.joint.gains.iloc[:0], inference={}, answer={
            "question": "?", "answer": "Nothing.", "limits": "", "problems": [],
            "common_share": None,
        },
    )  # fmt: skip
    bare = dataclasses.replace(
        inputs,
        joint=empty,
        tables={name: table.iloc[:0] for name, table in inputs.tables.items()},
    )
    html = render_encoders(bare, Chosen.of(bare))
    assert "No pair of tasks has a gain with every encoder." in html


@pytest.mark.parametrize("size", SIZES)
def test_it_reads_well_in_a_browser(page, size):
    with chromium() as browser, visit(browser, page, size) as seen:
        seen.page.goto(page.as_uri())
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SIZES[size][0]
        assert seen.draw_all()
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
