"""The charts: numbers, marks, gaps, order, colours, bytes."""

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

from helpers.simulated_study import (
    DIVERGED,
    INTERMEDIATES,
    METRICS,
    SAME_DATA,
    make_inputs,
    simulate,
)
from xstilts.report import drawing, dyad_gains, figures, gain_map, language_data
from xstilts.report.charts import point_labels, task_map, theme
from xstilts.report.formats import number
from xstilts.report.names import written


@pytest.fixture(scope="module")
def cells(inputs):
    return gain_map.cells(inputs).set_index(["intermediate", "target"])


def test_each_cell_has_the_numbers_of_its_dyad(inputs, cells):
    table = inputs.dyads
    assert cells["gain"].notna().sum() == len(table) == 89
    for dyad in table.itertuples():
        cell = cells.loc[dyad.intermediate, dyad.target]
        assert cell["gain"] == dyad.gain and cell["told"] == dyad.excludes_zero
        assert cell["gain_text"] == number(dyad.gain, signed=True)
        assert cell["run"] == ", ".join(
            f"target/{dyad.intermediate}-{dyad.target}-{seed}" for seed in (1, 2)
        )
    rows = inputs.gains.query("intermediate == 'mnli' and target == 'ner'")
    assert cells.loc[("mnli", "ner"), "score"] == number(rows["score"].mean())
    assert cells.loc[("mnli", "ner"), "baseline"] == number(rows["baseline"].mean())


def test_picture_shows_every_gain_and_every_mark(inputs, cells):
    picture = drawing.svg(figures.specification("gains", inputs))
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    numbers = [text for text in texts if re.fullmatch(r"[+−]?\d+\.\d( †)?", text)]
    assert sorted(numbers) == sorted(cells.loc[cells["gain"].notna(), "label"])
    unlearned = cells[~cells["learned"].astype(bool)]
    assert set(unlearned.index.get_level_values("intermediate")) == {"hellaswag"}
    assert sum("†" in text for text in numbers) == len(unlearned) == 9
    assert texts.count("×") == 1
    italic = re.findall(r'<text[^>]*font-style="italic"[^>]*>', picture)
    unsure = int((cells["gain"].notna() & ~cells["told"].astype(bool)).sum())
    assert len(italic) == unsure
    assert int(cells["same_data"].sum()) == len(SAME_DATA)
    assert cells.loc[DIVERGED, "remark"] == "training diverged"


def test_order_of_rows_and_columns(inputs):
    picture = drawing.svg(figures.specification("gains", inputs))
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    columns = [text for text in texts if text in set(map(written, METRICS))]
    rows = [text for text in texts if text in set(map(written, INTERMEDIATES))]
    assert columns == [written(name) for name in inputs.targets]
    assert rows == [written(name) for name in inputs.intermediates if name != "none"]


def test_colours_have_white_in_the_middle_and_every_number_can_be_read():
    limit = 3.0
    scale = theme.diverging(limit)
    assert scale["domain"][0] == -limit and scale["domain"][3] == 0 and scale["domain"][-1] == limit
    for gain in np.linspace(-5, 5, 201):
        at = (np.clip(gain / limit, -1, 1) + 1) / 2 * 6
        stops = [[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in theme.DIVERGING]
        face = [np.interp(at, range(7), [stop[i] for stop in stops]) for i in range(3)]
        ink = theme.ink_on(gain, limit)
        assert theme.contrast(face, (0, 0, 0) if ink == theme.DARK else (1, 1, 1)) >= 4.5


def test_colours_end_at_the_95th_percentile():
    gains = pd.Series([*range(1, 100), 1000.0])
    assert theme.colour_limit(gains) == pytest.approx(np.percentile(gains, 95))
    assert theme.colour_limit(pd.Series([0.1])) == theme.colour_limit(pd.Series([])) == 1.0


def test_contrast_against_published_values():
    # WCAG's own example: black on white 21:1; #777 on white 4.48:1 (WebAIM's contrast checker).
    assert theme.contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21.0)
    assert theme.contrast((119 / 255,) * 3, (1, 1, 1)) == pytest.approx(4.48, abs=0.005)


def test_files_have_the_same_bytes_each_time(inputs, tmp_path):
    contents = []
    for attempt in ("first", "second"):
        paths = tmp_path / attempt / "gains.svg", tmp_path / attempt / "gains.png"
        drawing.save(figures.specification("gains", inputs), *paths)
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]
    assert contents[0][1].startswith(b"\x89PNG")


def test_inline_figure_is_closed_to_the_page(inputs):
    image = drawing.inline_svg(figures.specification("gains", inputs), "gains", 'a "label"')
    assert "<style" not in image and "<?xml" not in image and "<a " not in image
    identities = re.findall(r'\bid="([^"]*)"', image)
    assert identities and len(identities) == len(set(identities))
    assert all(identity.startswith("gains-") for identity in identities)
    assert set(re.findall(r"url\(#([^)]*)\)", image)) <= set(identities)
    assert 'aria-label="a &quot;label&quot;"' in image


def test_embedded_chart_is_the_same_json_and_ends_no_script():
    chart = {"text": "</script><!-- é"}
    assert "<" not in drawing.embedded(chart)
    assert json.loads(drawing.embedded(chart)) == chart
    assert "</script" not in drawing.player()


@pytest.mark.parametrize("targets", [["xnli"], ["xnli", "pos"]])
def test_small_studies(targets):
    gains = simulate()["gains"].query("intermediate == 'mnli' and target in @targets")
    inputs = make_inputs(gains=gains, intermediates=["none", "mnli"], targets=targets)
    for name in ("gains", "languages"):
        assert "<svg" in drawing.svg(figures.specification(name, inputs))


@pytest.mark.parametrize("name", figures.FIGURES)
def test_figure_without_data_says_so(name):
    inputs = make_inputs(gains=None)
    assert figures.specification(name, inputs) is None
    assert "nothing to show yet" in drawing.svg(figures.empty(name))


@pytest.mark.parametrize("name", figures.FIGURES)
def test_every_figure_is_drawn(full_inputs, name):
    assert "<svg" in drawing.svg(figures.specification(name, full_inputs))


def test_languages_carry_their_facts_and_numbers_as_tables_round_them(full_inputs):
    found = language_data.data(full_inputs)
    facts = {code: facts for code, *facts in found["languages"]}
    assert facts["sw"] == ["Swahili", "Atlantic-Congo", 2, 1.6]
    rows = dyad_gains.by_language(full_inputs.gains).set_index(
        ["intermediate", "target", "language"]
    )
    codes = [code for code, *_ in found["languages"]]
    own = found["gains"]["mnli ner"]
    for place, tenths in zip(own["l"], own["g"], strict=True):
        shown = number(rows.loc[("mnli", "ner", codes[place]), "gain"], signed=True)
        assert float(shown.replace("−", "-")) == tenths / 10
    bare = language_data.data(dataclasses.replace(full_inputs, languages=None))
    assert all(facts == [None] * 4 for _, *facts in bare["languages"])


def test_task_map_of_a_matrix_of_rank_one_puts_all_tasks_on_a_line():
    first, second = [1.0, -1.0, 0.5, -0.5], [2.0, -1.0, -1.0]
    similarity = pd.DataFrame(
        [(f"i{a}", f"t{b}", 5 + x * y + 3 * a) for a, x in enumerate(first)
         for b, y in enumerate(second)],
        columns=["intermediate", "target", "similarity"],
    )  # fmt: skip
    spots = task_map.positions(similarity)
    assert spots.attrs["share"] == pytest.approx(1.0)
    assert np.allclose(spots["y"], 0, atol=1e-6)
    x = spots.set_index("task")["x"]
    # Inner products give back the double-centred matrix, up to one common factor.
    products = np.array([[x[f"i{a}"] * x[f"t{b}"] for b in range(3)] for a in range(4)])
    expected = np.outer(first, second)
    assert np.allclose(products / products[0, 0], expected / expected[0, 0])


def test_no_label_lies_on_another_or_on_a_point():
    random = np.random.default_rng(0)
    x, y = pd.Series(random.normal(size=81)), pd.Series(random.normal(size=81))
    names = pd.Series(["CommonsenseQA → PAWS-X"] * 81)
    sides = point_labels.place(x, y, names, 700, 500)["side"]
    assert sum(map(bool, sides)) > 40 and set(sides) <= {*point_labels.SIDES, ""}
    alone = point_labels.place(x[:1], y[:1], names[:1], 700, 500)["side"]
    assert alone == ["right"]
    twins = point_labels.place(
        pd.Series([0.0, 0.02, 9]), pd.Series([0.0, 0, 9]), names[:3], 700, 500
    )["side"]  # fmt: skip
    assert twins[0] != twins[1]
