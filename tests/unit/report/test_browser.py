"""The page in a real browser: size, hover, tap, sort, print, accessibility, and no network."""

from pathlib import Path

import pytest

from helpers import layout
from helpers.browser import chromium, visit
from helpers.simulated_study import LANGUAGES
from helpers.wide_page import wide
from xstilts.report import dyad_gains, figures
from xstilts.report.formats import interval, number
from xstilts.report.names import written
from xstilts.report.page import render

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


def cell(seen, dyad: str):
    return seen.page.locator(f'#gains td[data-dyad="{dyad}"]')


def told(seen) -> dict[str, str]:
    """What the tip says, by its names."""
    tip = seen.page.locator("#tip")
    tip.wait_for(state="visible")
    names, values = (tip.locator(tag).all_text_contents() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def column(seen, table: str, place: int) -> list[str]:
    rows = seen.page.locator(f"{table} tbody tr")
    return rows.evaluate_all(f"all => all.map(row => row.cells[{place}].textContent.trim())")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_figure_is_drawn_without_complaint_or_request(browser, file, size):
    with visit(browser, file, size) as seen:
        drawn = seen.draw_all()
        assert set(drawn) == {name for name, one in figures.FIGURES.items() if one.on_page}
        assert (
            seen.page.evaluate("document.documentElement.scrollWidth")
            <= seen.page.viewport_size["width"]
        )
        assert seen.complaints == []
        assert seen.requests == [file.as_uri()]


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_first_screen_holds_the_answer(browser, file, size):
    with visit(browser, file, size) as seen:
        height = seen.page.viewport_size["height"]
        for place in ("#answer table", "#of-similarity"):
            box = seen.page.locator(place).bounding_box()
            assert box["y"] + box["height"] <= height, place
        region = seen.page.locator("#answer .scroll")
        assert region.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
        assert column(seen, "#answer table", 0)[0] == "XNLI"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_no_text_lies_on_another_and_none_is_cut(browser, file, size):
    with visit(browser, file, size) as seen:
        seen.draw_all()
        seen.page.eval_on_selector_all("details", "all => all.forEach(d => (d.open = true))")
        seen.page.wait_for_timeout(300)
        assert seen.page.evaluate(layout.CUT) == []
        assert seen.page.evaluate(layout.OVERLAPS, "body") == []


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_what_is_wider_than_the_screen_says_so(browser, file, size):
    with visit(browser, file, size) as seen:
        seen.draw_all()
        regions = seen.page.evaluate(
            "[...document.querySelectorAll('.scroll')].filter(one => one.clientWidth).map(one =>"
            " [one.scrollWidth > one.clientWidth + 4, one.classList.contains('wide')])"
        )
        assert all(wide == said for wide, said in regions)
        assert any(wide for wide, _ in regions)


def test_pointer_and_keyboard_are_told_the_same(browser, file, full_inputs):
    with visit(browser, file) as seen:
        cell(seen, "anli xnli").hover()
        by_pointer = told(seen)
        seen.page.mouse.move(0, 0)
        seen.page.locator("#order-rows").focus()
        seen.page.keyboard.press("Tab")  # the region that scrolls
        seen.page.keyboard.press("Tab")
        assert told(seen) == by_pointer
        focused = seen.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused == "; ".join(f"{what}: {value}" for what, value in by_pointer.items())
        for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft"):
            seen.page.keyboard.press(key)
        by_keyboard = told(seen)
        seen.page.keyboard.press("Escape")
        assert seen.page.locator("#tip").is_hidden()
    dyads = full_inputs.dyads.set_index(["intermediate", "target"])
    for said, pair in ((by_pointer, ("anli", "xnli")), (by_keyboard, ("mnli", "pawsx"))):
        dyad = dyads.loc[pair]
        assert said["gain of"] == " → ".join(map(written, pair))
        assert said["gain"] == number(dyad["gain"], signed=True)
        assert said["95 % interval"] == interval(dyad["low"], dyad["high"])
        assert said["seeds"] == "2" and said["languages"] == "10"
    assert by_pointer["run"] == "target/anli-xnli-1, target/anli-xnli-2"
    gain = float(by_pointer["score"]) - float(by_pointer["baseline"])
    assert gain == pytest.approx(dyads.loc[("anli", "xnli"), "gain"], abs=0.11)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_click_tap_or_key_shows_the_languages_and_receipts_of_a_cell(browser, file, size):
    with visit(browser, file, size) as seen:
        if size == "phone":
            cell(seen, "mnli xnli").tap()
        else:
            cell(seen, "mnli xnli").focus()
            seen.page.keyboard.press("Enter")
        place = seen.page.locator("#of-cell")
        assert place.locator("h3").text_content() == "MNLI → XNLI"
        names = place.locator("tbody th").all_text_contents()
        assert {name[-3:-1] for name in names} == set(LANGUAGES)
        link = place.locator("a", has_text="receipt of target/mnli-xnli-1")
        with seen.page.context.expect_page() as opened:
            link.tap() if size == "phone" else link.click()
        assert opened.value.url.endswith("/results0/runs/target/mnli-xnli-1/receipt.json")


def test_rows_are_sorted_by_mean_gain(browser, file, full_inputs):
    with visit(browser, file) as seen:
        before = column(seen, "#gains table.map", 0)
        seen.page.locator("#order-rows").select_option("mean gain")
        after = column(seen, "#gains table.map", 0)
    means = full_inputs.dyads.groupby("intermediate")["gain"].mean().sort_values(ascending=False)
    assert before[:3] == ["ANLI", "MNLI", "QQP"]
    assert after == [written(name) for name in means.index]


def test_languages_in_groups_in_an_order_and_searched_for(browser, file, full_inputs):
    facts = full_inputs.languages.set_index("language")
    with visit(browser, file) as seen:
        seen.page.locator("#language-map").scroll_into_view_if_needed()
        seen.page.wait_for_selector("#language-map td")
        target, group, order = (seen.page.locator("#language-map select").nth(n) for n in range(3))
        target.select_option("NER")
        assert (
            sorted(set(facts["family_glottolog"]))
            == seen.page.locator("#language-map tr.group").all_text_contents()
        )
        group.select_option("nothing")
        order.select_option("pretraining text")
        codes = [name[-3:-1] for name in column(seen, "#language-map table", 0)]
        assert codes == list(facts["pretraining_GiB"].sort_values(ascending=False).index)
        rows = dyad_gains.by_language(full_inputs.gains)
        own = rows[(rows["target"] == "ner") & (rows["intermediate"] == "mnli")]
        shown = dict(zip(codes, column(seen, "#language-map table", 2), strict=True))
        assert shown == {row.language: number(row.gain, signed=True) for row in own.itertuples()}
        cells = seen.page.locator("#language-map tbody tr").nth(codes.index("sw")).locator("td")
        cells.nth(1).hover()
        swahili = own.set_index("language").loc["sw"]
        said = told(seen)
        assert said["language"] == "Swahili (sw)" and said["gain of"] == "MNLI → NER"
        assert said["95 % interval"] == interval(swahili["low"], swahili["high"])
        assert said["score"] == number(swahili["score"])
        seen.page.locator("#language-map input").fill("congo")
        assert column(seen, "#language-map table", 0) == ["Swahili (sw)"]
        assert "1 of 10 languages" in seen.page.locator("#language-map").text_content()


def test_tables_are_sorted_by_click_and_key_and_copied(browser, file, full_inputs):
    with visit(browser, file, permissions=["clipboard-read", "clipboard-write"]) as seen:
        head = seen.page.locator("#answer table th", has_text="gain").first
        head.locator("button").click()
        numbers = [float(text.replace("−", "-")) for text in column(seen, "#answer table", 2)]
        assert numbers == sorted(numbers, reverse=True)
        assert head.get_attribute("aria-sort") == "descending"
        head.locator("button").focus()
        seen.page.keyboard.press("Enter")
        numbers = [float(text.replace("−", "-")) for text in column(seen, "#answer table", 2)]
        assert numbers == sorted(numbers) and head.get_attribute("aria-sort") == "ascending"
        seen.page.locator("#answer table th button").first.click()
        names = column(seen, "#answer table", 0)
        assert names == sorted(names, key=str.casefold)
        seen.page.locator("#scores button.copy").click()
        copied = seen.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert len(copied) == 1 + len(full_inputs.intermediates)
    assert copied[0].startswith("intermediate\tXNLI accuracy\tPAWS-X")
    assert {len(line.split("\t")) for line in copied} == {11}
    assert not any("−" in line for line in copied)


def test_a_link_to_what_is_folded_opens_it(browser, file):
    with visit(browser, file) as seen:
        seen.page.locator("#answer a", has_text="How intervals are made").click()
        assert seen.page.locator("#intervals p").is_visible()


def test_prints_with_everything_open_and_nothing_cut_off(browser, file):
    with visit(browser, file) as seen:
        seen.draw_all()
        seen.page.emulate_media(media="print")
        seen.page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins
        assert seen.page.locator("nav").is_hidden()
        assert seen.page.locator("select").first.is_hidden()
        assert seen.page.locator("button.copy").first.is_hidden()
        wide = seen.page.evaluate(
            "Array.from(document.querySelectorAll('.plot svg, #answer table, table.map'),"
            " one => [one.getBoundingClientRect().width, one.outerHTML.slice(0, 80)])"
            ".filter(([width]) => width > 681)"
        )
        assert wide == []
        assert seen.page.evaluate(layout.OVERLAPS, "body") == []
        assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_reads_without_javascript(browser, file, full_inputs):
    with visit(browser, file, java_script_enabled=False) as seen:
        shown = seen.page.locator("#gains table.map td").all_text_contents()
        assert seen.page.locator(".plot svg").first.is_visible()
        assert seen.page.locator("#order-rows").is_hidden()
    for row in full_inputs.dyads.itertuples():
        text = number(row.gain, signed=True)
        shown.remove(f"{text} †" if row.unlearned else text)


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_checker_finds_nothing(browser, file, scheme, size):
    axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    script = Path(axe.__file__).parent / "axe.min.js"
    with visit(browser, file, size, color_scheme=scheme) as seen:
        seen.draw_all()
        if scheme == "light":  # once is enough for what does not depend on colours
            seen.page.eval_on_selector_all("details", "all => all.forEach(d => (d.open = true))")
        seen.page.add_script_tag(path=str(script))
        found = seen.page.evaluate(AXE)["violations"]
    said = [
        (rule["id"], node["html"][:120], node.get("failureSummary", "")[:200])
        for rule in found
        for node in rule["nodes"][:3]
    ]
    assert said == []


@pytest.fixture(scope="module")
def wide_page(tmp_path_factory) -> Path:
    """Twenty intermediate tasks, fourteen targets, 120 languages, three seeds."""
    folder = tmp_path_factory.mktemp("wide")
    inputs = wide(folder)
    assert len(inputs.gains) == 20 * 14 * 120 * 3
    path = folder / "report.html"
    path.write_text(render(inputs), encoding="utf-8")
    return path


def test_the_wide_study_is_small_quick_and_readable(browser, wide_page):
    assert wide_page.stat().st_size < 8e6
    with visit(browser, wide_page, "phone") as seen:
        seen.page.wait_for_function(
            "performance.getEntriesByName('first-contentful-paint').length > 0"
        )
        paint = seen.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        seen.page.locator("#language-map").scroll_into_view_if_needed()
        seen.page.wait_for_selector("#language-map td")
        assert seen.page.locator("#language-map tbody tr:not(.group)").count() == 120
        assert {"task_map", "influence", "low_resource"} <= set(seen.draw_all())
        assert seen.page.evaluate(layout.OVERLAPS, "body") == []
        assert seen.page.evaluate(layout.CUT) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
        assert seen.complaints == []
    assert paint < 2000


def test_the_wide_gain_map_is_used_with_a_thumb(browser, wide_page):
    with visit(browser, wide_page, "phone") as seen:
        cells = seen.page.locator("#gains table.map td")
        assert cells.count() == 20 * 14
        last = cells.last
        last.scroll_into_view_if_needed()
        box, row = last.bounding_box(), last.locator("xpath=../th").bounding_box()
        # As large as accessibility asks of what is tapped (WCAG 2.2, 2.5.8), with its name beside.
        assert box["width"] >= 24 and box["height"] >= 24
        assert row["x"] >= 0 and row["x"] + row["width"] <= box["x"] + 1
        assert box["x"] + box["width"] <= 390
        last.tap()
        names = told(seen)
        assert names
        tip = seen.page.locator("#tip").bounding_box()
        assert tip["x"] >= 0 and tip["x"] + tip["width"] <= 390
