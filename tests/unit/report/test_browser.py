"""The page in a real browser: size, hover, tap, sort, print, accessibility, and no network."""

from pathlib import Path

import pytest

from helpers.browser import chromium, visit
from helpers.simulated_inference import with_inference
from helpers.simulated_study import (
    INTERMEDIATES,
    LANGUAGES,
    make_inputs,
    simulate,
    titles,
    with_summaries,
)
from xstilts.report import dyad_gains, figures
from xstilts.report.formats import interval, number
from xstilts.report.names import titled, written
from xstilts.report.page import render

with titled(titles()):
    ROWS = [written(name) for name in INTERMEDIATES]
AXE = "() => axe.run(document, {resultTypes: ['violations']})"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(full_inputs, tmp_path_factory) -> Path:
    results = tmp_path_factory.mktemp("results")
    path = results / "studies" / "demo" / "report.html"
    receipt = results / "runs" / "target" / "mnli-xnli-1" / "receipt.json"
    for each, text in ((path, render(full_inputs)), (receipt, "{}")):
        each.parent.mkdir(parents=True)
        each.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def gains(full_inputs):
    return dyad_gains.summarise(full_inputs.gains).set_index(["intermediate", "target"])


def texts(plot) -> list[str]:
    return plot.locator("svg text").all_text_contents()


def downwards(plot) -> list[str]:
    """All texts of a figure, from top to bottom."""
    found = plot.locator("svg text").evaluate_all(
        "all => all.map(text => [text.getBoundingClientRect().y, text.textContent])"
    )
    return [text for _, text in sorted(found, key=lambda item: item[0])]


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_every_figure_is_drawn_without_complaint_or_request(browser, file, size):
    with visit(browser, file, size) as seen:
        assert seen.draw_all() == list(seen.page.evaluate(
            "Array.from(document.querySelectorAll('.plot'), p => p.dataset.chart)"
        ))  # fmt: skip
        assert len(seen.draw_all()) == len(figures.FIGURES)
        assert (
            seen.page.evaluate("document.documentElement.scrollWidth")
            <= seen.page.viewport_size["width"]
        )
        assert seen.complaints == []
        assert seen.requests == [file.as_uri()]


def test_numbers_of_the_drawn_heat_map_are_the_tables(browser, file, gains):
    with visit(browser, file) as seen:
        shown = texts(seen.draw("gains"))
    for gain in gains["gain"]:
        shown.remove(number(gain, signed=True))


def test_hover_tells_gain_interval_score_and_run(browser, file, gains):
    with visit(browser, file) as seen:
        seen.draw("gains").locator("path[d][fill^='rgb']").first.hover()
        tip = seen.page.locator("#vg-tooltip-element")
        tip.wait_for(state="visible")
        rows = dict(
            zip(tip.locator("td.key").all_text_contents(),
                tip.locator("td.value").all_text_contents(), strict=True)
        )  # fmt: skip
    dyad = gains.loc["anli", "xnli"]
    assert rows["gain of"] == "ANLI → XNLI"
    assert rows["gain"] == number(dyad["gain"], signed=True)
    assert rows["95 % interval"] == interval(dyad["low"], dyad["high"])
    assert rows["seeds"] == "2" and rows["languages"] == "10"
    assert rows["run"] == "target/anli-xnli-1, target/anli-xnli-2"
    assert float(rows["score"]) - float(rows["baseline"]) == pytest.approx(dyad["gain"], abs=0.11)


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_click_or_tap_shows_the_languages_and_receipts_of_a_cell(browser, file, size):
    with visit(browser, file, size) as seen:
        plot = seen.draw("gains")
        cell = plot.locator("path[d][fill^='rgb']").nth(9)  # second row, first column
        cell.tap() if size == "phone" else cell.click()
        seen.page.wait_for_function(
            "document.querySelector('.plot[data-chart=gains]').textContent.includes('MNLI → XNLI')"
        )
        assert set(LANGUAGES) <= set(texts(plot))
        link = plot.locator("svg text", has_text="receipt of target/mnli-xnli-1")
        with seen.page.context.expect_page() as opened:
            link.tap() if size == "phone" else link.click()
        assert opened.value.url.endswith("/results0/runs/target/mnli-xnli-1/receipt.json")


def test_rows_are_sorted_by_mean_gain(browser, file, gains):
    with visit(browser, file) as seen:
        plot = seen.draw("gains")
        before = [name for name in downwards(plot) if name in ROWS]
        plot.locator("select").select_option("mean gain")
        seen.page.wait_for_timeout(300)
        after = [name for name in downwards(plot) if name in ROWS]
    means = gains["gain"].groupby("intermediate").mean().sort_values(ascending=False)
    assert before[:3] == ["ANLI", "MNLI", "QQP"]
    assert after == [written(name) for name in means.index]


def test_languages_of_another_target_sorted_by_family_class_and_text(browser, file, full_inputs):
    facts = full_inputs.languages.set_index("language")
    keys = {"family": ("family_glottolog", True), "resource class": ("joshi_class", False),
            "pretraining text": ("pretraining_GiB", False)}  # fmt: skip
    with visit(browser, file) as seen:
        plot = seen.draw("languages")
        target, order = plot.locator("select").nth(0), plot.locator("select").nth(1)
        target.select_option("NER")
        for name, (column, ascending) in keys.items():
            order.select_option(name)
            seen.page.wait_for_timeout(300)
            shown = [text for text in downwards(plot) if text.endswith(")") and "(" in text]
            codes = [text[-3:-1] for text in shown if text[-3:-1] in facts.index]
            values = list(facts.loc[codes, column])
            assert len(codes) == len(LANGUAGES)
            assert values == sorted(values, reverse=not ascending), name
        gain = full_inputs.gains.query(
            "target == 'ner' and intermediate == 'mnli' and language == 'sw'"
        )["gain"].mean()  # fmt: skip
        assert number(gain, signed=True) in texts(plot)


def test_works_by_keyboard(browser, file):
    with visit(browser, file) as seen:
        plot = seen.draw("gains")
        plot.locator("select").focus()
        seen.page.keyboard.press("ArrowDown")
        assert plot.locator("select").input_value() == "mean gain"
        summary = seen.page.locator("#gains summary").first
        summary.focus()
        seen.page.keyboard.press("Enter")
        assert seen.page.locator("#gains details").first.get_attribute("open") is not None
        assert seen.page.locator("#gains table").first.is_visible()


def test_prints_with_everything_open_and_nothing_cut_off(browser, file):
    with visit(browser, file) as seen:
        seen.draw_all()
        seen.page.emulate_media(media="print")
        seen.page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins
        assert seen.page.locator("nav").is_hidden()
        assert seen.page.locator("select").first.is_hidden()
        wide = seen.page.evaluate(
            "Array.from(document.querySelectorAll('.plot svg.marks, .plot > svg'),"
            " svg => svg.getBoundingClientRect().width).filter(width => width > 681)"
        )
        assert wide == []
        assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_reads_without_javascript(browser, file, gains):
    with visit(browser, file, java_script_enabled=False) as seen:
        shown = texts(seen.page.locator('.plot[data-chart="gains"]'))
        assert seen.page.locator(".plot svg").first.is_visible()
    for gain in gains["gain"]:
        shown.remove(number(gain, signed=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_checker_finds_nothing_serious(browser, file, scheme):
    axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    script = Path(axe.__file__).parent / "axe.min.js"
    with visit(browser, file, color_scheme=scheme) as seen:
        seen.draw_all()
        if scheme == "light":  # once is enough for what does not depend on colours
            seen.page.eval_on_selector_all("details", "all => all.forEach(d => (d.open = true))")
        seen.page.add_script_tag(path=str(script))
        found = seen.page.evaluate(AXE)["violations"]
    serious = [
        (rule["id"], node["html"][:120], node.get("failureSummary", "")[:200])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]
    assert serious == []


def test_study_of_full_size_is_small_and_quick(browser, tmp_path):
    rows = [*INTERMEDIATES, "mnli+mlm"]
    languages = ["en", *(f"{a}{b}" for a in "abcd" for b in "klmnopqrst")][:40]
    tables = with_summaries(simulate((1, 2, 3), languages, rows))
    inputs = with_inference(make_inputs(intermediates=rows, **tables))
    assert len(inputs.gains) > 11 * 9 * 40 * 3 - 4 * 40 * 3
    path = tmp_path / "report.html"
    path.write_text(render(inputs), encoding="utf-8")
    assert path.stat().st_size < 5e6
    with visit(browser, path) as seen:
        seen.page.wait_for_function(
            "performance.getEntriesByName('first-contentful-paint').length > 0"
        )
        paint = seen.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        seen.draw("gains")
        assert seen.complaints == []
    assert paint < 2000
