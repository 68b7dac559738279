"""The heat map: numbers, marks, gaps, order, bytes."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from simulated_study import DIVERGED, SAME_DATA

from xstilts.report import colours, drawing, dyads, figures, gaps, language_figure, tables
from xstilts.report.formats import number
from xstilts.report.names import XTREME_ORDER, written


@pytest.fixture(scope="module")
def table(inputs):
    return dyads.summarise(inputs.gains)


@pytest.fixture(scope="module")
def figure(inputs, table):
    status = gaps.dyad_status(inputs.index)
    return figures.heat_map(table, inputs.intermediates, inputs.targets, status)


def numbers(figure):
    return {tuple(int(p) for p in text.get_position()): text for text in figure.axes[0].texts}


def test_each_cell_shows_its_gain_in_its_place(inputs, table, figure):
    rows = inputs.intermediates[1:]
    shown = numbers(figure)
    for dyad in table.itertuples():
        text = shown[inputs.targets.index(dyad.target), rows.index(dyad.intermediate)]
        assert text.get_text() == number(dyad.gain, signed=True)
        assert text.get_style() == ("normal" if dyad.distinguishable else "italic")
    assert len(shown) == len(table) == 89


def test_order_of_rows_and_columns(figure):
    axes = figure.axes[0]
    columns = [label.get_text() for label in axes.get_xticklabels()]
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert columns == [written(name) for name in XTREME_ORDER]
    assert rows[0] == "ANLI" and rows[-1] == "multi-task" and "none (baseline)" not in rows
    assert axes.yaxis_inverted()


def test_marks_do_not_need_colour(inputs, table, figure):
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(lines) == int((~table["distinguishable"]).sum())
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert len(frames) == len(SAME_DATA)
    (cross,) = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    x, y = int(cross.get_xdata()[0]), int(cross.get_ydata()[0])
    assert (inputs.intermediates[1:][y], inputs.targets[x]) == DIVERGED
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert any("includes zero" in text for text in legend) and "training diverged" in legend
    assert "no result" not in legend


def test_colours_are_symmetric_about_white_and_bounded(table):
    scale = colours.symmetric(table["gain"])
    assert scale.vmin == -scale.vmax
    assert scale.vmax == pytest.approx(np.percentile(table["gain"].abs(), 95))
    assert min(colours.COLOURS(0.5)[:3]) > 0.95


def test_contrast_against_published_values():
    # WCAG's own examples: black on white 21:1; #777 on white 4.48:1 (WebAIM's contrast checker).
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_every_number_can_be_read_on_its_cell(figure):
    axes = figure.axes[0]
    faces = {
        (round(patch.get_x() + 0.5), round(patch.get_y() + 0.5)): patch.get_facecolor()[:3]
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_fill()
    }
    for place, text in numbers(figure).items():
        assert colours.contrast(faces[place], to_rgb(text.get_color())) >= 4.5


def test_files_have_the_same_bytes_each_time(inputs, table, tmp_path):
    contents = []
    for attempt in ("first", "second"):
        figure = figures.heat_map(table, inputs.intermediates, inputs.targets, {})
        paths = tmp_path / attempt / "gains.svg", tmp_path / attempt / "gains.png"
        drawing.save(figure, *paths)
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]
    assert b"Matplotlib" not in contents[0][0] and b"Matplotlib" not in contents[0][1]


def test_inline_figure_is_closed_to_the_page(figure, table):
    image = drawing.inline_svg(figure, "gains", 'a "label"', figures.cell_titles(table))
    assert "<style" not in image and "<?xml" not in image and drawing.INK not in image
    identities = re.findall(r'\bid="([^"]*)"', image)
    assert len(identities) == len(set(identities))
    assert all(identity.startswith("gains-") for identity in identities)
    used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', image)
    assert {first or second for first, second in used} <= set(identities)
    assert image.count("<title>") == len(table)
    assert 'aria-label="a &quot;label&quot;"' in image


@pytest.mark.parametrize("targets", [["xnli"], []])
def test_small_studies(table, targets):
    figure = figures.heat_map(table, ["none", "mnli", "new"], targets, {})
    assert "<svg" in drawing.svg(figure)


def test_languages_stand_in_the_order_of_the_baseline(inputs):
    figure = language_figure.scores_by_language(inputs.scores, inputs.intermediates, inputs.targets)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        written(name) for name in inputs.targets
    ]
    table = tables.language_table(inputs.scores, "ner", inputs.intermediates)
    axes = figure.axes[inputs.targets.index("ner")]
    rings = axes.lines[-1]
    languages = [label.get_text() for label in axes.get_yticklabels()]
    assert list(rings.get_xdata()) == table.loc["none", languages].tolist()
    assert list(rings.get_xdata()) == sorted(table.loc["none"], reverse=True)
    strokes = {value for line in axes.lines[:-1] for value in line.get_xdata()}
    assert strokes == set(table.drop("none").to_numpy().ravel())
