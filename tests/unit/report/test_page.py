"""The page: its numbers are the tables', it loads nothing, and it says what is missing."""

import dataclasses
import math
import re

import pandas as pd
import pytest

from helpers.page_reader import Page, value
from helpers.simulated_study import make_inputs, simulate
from xstilts.core.errors import StudyError
from xstilts.report import exports, formats, frames, scores_table
from xstilts.report.names import written
from xstilts.report.page import render
from xstilts.report.report_inputs import ReportInputs

NOTHING = dict.fromkeys(("index", "scores", "gains", "learning", "stages", "best", "rivals"))


@pytest.fixture(scope="module")
def html(inputs) -> str:
    return render(inputs)


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_scores_are_the_tables(inputs, page):
    head, *rows = page.table("Scores of all tasks")
    expected = exports.numbers("scores", inputs)
    assert [name.split("|")[0] for name in head[1:]] == [*map(written, inputs.targets), "average"]
    assert head[1] == "XNLI|accuracy" and head[5] == "XQuAD|F1 / EM"
    assert [row[0] for row in rows] == [written(name) for name in expected.index]
    for row, numbers in zip(rows, expected.to_numpy(), strict=True):
        for text, number in zip(row[1:], numbers, strict=True):
            shown = math.nan if text == "–" else value(text.split(" / ")[0])
            assert shown == pytest.approx(number, abs=0.051, nan_ok=True)


def test_best_of_each_column_is_bold(inputs, page):
    caption = next(caption for caption in page.tables if caption.startswith("Scores of all"))
    bold = scores_table.best_rows(inputs.scores, inputs.dyads, inputs.errors, inputs.gains)
    for name, kinds in zip(inputs.intermediates, page.kinds[caption][1:], strict=True):
        for target, kind in zip(inputs.targets, kinds[1:], strict=False):
            assert (kind == "best") == (name in bold[target])


def test_claims_are_the_table(inputs, page):
    _, *rows = page.table("The paper's claims")
    assert len({row[0][0] for row in rows}) == 9
    for row, claim in zip(rows, inputs.claims.itertuples(), strict=True):
        assert row[:2] == [f"{claim.claim}{claim.part}", claim.statement + claim.note]
        because = f", because {claim.because}" if claim.because else ""
        assert row[5] == claim.verdict + because
        if pd.notna(claim.low):
            assert value(row[3]) == pytest.approx(float(claim.measured), abs=0.051)
            low, high = (value(text) for text in row[4].strip("[]").split(",\u00a0"))
            assert (low, high) == pytest.approx((claim.low, claim.high), abs=0.051)
    assert "no verdict on the real tasks can follow" in page.text


def test_published_rows_stand_beside_real_data_alone(inputs, page):
    assert "FILTER" not in page.text
    rows = Page(render(make_inputs(data="folder"))).table("Scores of all tasks")
    found = next(row for row in rows if row[0] == "XLM-R Large, no intermediate task")
    assert found[1] == "79.2" and found[5] == "76.6 / 60.8" and found[8] == "–"


def test_the_choice_is_the_table_with_the_pages_gains(inputs, page):
    rows = page.table("What was taken for each target, and on")[1:]
    assert [row[0] for row in rows] == [written(target) for target in inputs.targets]
    by_name = {written(row.target): row for row in inputs.best.itertuples()}
    dyads = inputs.dyads.set_index(["intermediate", "target"])
    for target, taken, best, dev, on, gain, its_interval in rows:
        row = by_name[target]
        halved = row.chosen_on == "target_halves"
        assert best == ("MNLI or QQP" if halved else "MNLI")
        assert taken == ("none (baseline)" if target == "NER" else best)
        assert on == ("other half of its test sentences" if halved else "English dev set")
        assert value(dev) == pytest.approx(row.dev_score, abs=0.051)
        if halved:
            assert value(gain) == pytest.approx(row.gain, abs=0.051)
        else:
            dyad = dyads.loc[("mnli", row.target)]
            assert gain == formats.number(dyad["gain"], signed=True)
            assert its_interval == formats.interval(dyad["low"], dyad["high"])


def test_rivals_stand_beside_the_choice_with_the_pages_numbers(inputs, page):
    caption = next(caption for caption in page.tables if caption.startswith("Every row of each"))
    rows = page.tables[caption][1:]
    assert len(rows) == len(inputs.rivals)
    tests = scores_table.mean_scores(inputs.scores[inputs.scores["primary"].astype(bool)])
    tatoeba = {row[1]: row for row in rows if row[0] == "Tatoeba"}
    assert tatoeba["MNLI"][2:4] == ["–", "–"]
    assert tatoeba["none (baseline)"][4] == formats.number(tests["none", "tatoeba"])
    assert tatoeba["none (baseline)"][6:] == ["–", "–", "0.0"]
    assert tatoeba["MNLI"][8] == "+1.2"
    assert [row[5] for row in rows if row[0] == "Tatoeba"] == ["1", "2", "3"]
    chosen = {row[1]: kinds[1] for row, kinds in
              zip(rows, page.kinds[caption][1:], strict=True) if row[0] == "XNLI"}  # fmt: skip
    assert {name: "best" in kind for name, kind in chosen.items()} == {
        "MNLI": True, "none (baseline)": False, "QQP": False,
    }  # fmt: skip


def test_gains_are_the_tables(inputs, page):
    expected = inputs.dyads.set_index(["intermediate", "target"])
    by_name = {(written(i), written(t)): row for (i, t), row in expected.iterrows()}
    rows = page.table("Gains in points")[1:]
    assert len(rows) == len(expected)
    for intermediate, target, gain, interval, languages, seeds, better, remark in rows:
        row = by_name[intermediate, target]
        assert int(better) == row["seeds_better"]
        assert ("†" in gain) == ("†" in remark) == (intermediate == "HellaSwag")
        assert value(gain.removesuffix(" †")) == pytest.approx(row["gain"], abs=0.051)
        low, high = (value(text) for text in interval.strip("[]").split(",\u00a0"))
        assert (low, high) == pytest.approx((row["low"], row["high"]), abs=0.051)
        assert (int(languages), int(seeds)) == (row["languages"], row["seeds"])
        assert ("includes zero" in remark) == (not (row["low"] > 0 or row["high"] < 0))


def test_languages_are_the_tables(inputs, page):
    for target in inputs.targets:
        head, *rows = page.table(f"{written(target)}, ")
        table = frames.language_table(inputs.scores, target, inputs.intermediates).T
        assert head[1:] == list(map(written, table.columns)) and rows[0][0] == "en"
        shown = [[value(text) for text in row[1:]] for row in rows]
        pd.testing.assert_frame_equal(
            pd.DataFrame(shown), pd.DataFrame(table.to_numpy()), atol=0.051, rtol=0
        )


def test_learning_names_what_failed(page):
    assert "Not learned: HellaSwag." in page.text
    rows = {(row[0], row[1]): row for row in page.table("Each task in English")[1:]}
    assert rows["HellaSwag", "intermediate"][5] == "no"
    assert rows["XNLI", "target"][3:] == ["10.0", "60.0 ± 1.5", "yes", "61.2", "48.8"]


def test_loads_nothing_and_links_only_to_itself_and_receipts(html, page):
    assert not {"iframe", "img", "object"} & {tag for tag, _ in page.tags}
    links = [attributes for tag, attributes in page.tags if tag == "link"]
    assert links == [{"rel": "icon", "href": "data:,"}]  # else a browser asks for an icon
    for tag, attributes in page.tags:
        if tag == "link":
            continue
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            target = attributes.get(name) or "#"
            assert re.match(r"#|\.\./\.\./runs/target/[^:]*/receipt\.json$", target), (tag, target)
    html = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    assert "@import" not in html
    assert all(inside.startswith("#") for inside in re.findall(r"url\(([^)]*)\)", html))


def test_each_link_inside_the_page_has_its_goal_and_ids_are_unique(page):
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identities) == len(set(identities))
    for tag, attributes in page.tags:
        if tag == "a" and attributes["href"].startswith("#"):
            assert attributes["href"][1:] in identities


def test_is_accessible(page):
    tags = page.tags
    assert ("html", {"lang": "en"}) in tags
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in tags if tag == "th")
    images = [attributes for tag, attributes in tags if tag == "svg"]
    assert len(images) == 19  # learning curves of ten intermediate tasks and nine targets
    assert all(image["role"] == "img" and image["aria-label"] for image in images)
    named = sum(tag == "table" and "aria-label" in attributes for tag, attributes in tags)
    captions = sum(tag == "caption" for tag, _ in tags)
    assert sum(tag == "table" for tag, _ in tags) == captions + named and named == 1
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and set(levels) <= {1, 2, 3}
    for _, attributes in tags:
        if "scroll" in (attributes.get("class") or ""):
            assert attributes["tabindex"] == "0" and attributes["aria-label"]


def test_text_from_outside_is_not_markup(html):
    assert "&lt;b&gt;Not markup.&lt;/b&gt;" in html


def test_same_inputs_give_the_same_bytes(html):
    assert render(make_inputs()) == html


def test_order_of_rows_in_the_input_does_not_matter(html):
    mixed = {name: table.sample(frac=1, random_state=3) for name, table in simulate().items()}
    changed = make_inputs(
        **{name: mixed[name] for name in ("scores", "gains", "learning", "errors")}
    )
    assert render(changed) == html


@pytest.mark.parametrize("kind, said", [("demo", "generated text"), ("folder", "samples")])
def test_banner(kind, said):
    (banner,) = re.findall(r'role="note">([^<]*)<', render(make_inputs(data=kind)))
    assert said in banner


def test_hub_has_no_banner():
    assert 'role="note"' not in render(make_inputs(data="hub"))


def test_diverged_cell_is_said(page):
    said = "CCG: diverged on POS (seeds 1 and 2); left out of every number here."
    assert said in page.text
    assert "CCGbank is licensed" in page.text
    assert "One seed only" not in page.text


def test_no_wantedat_all():
    text = Page(render(make_inputs(**NOTHING))).text
    for said in ("No cell of this study has been run", "no gain to show", "There are no scores yet",
                 "no table of what the models learned"):  # fmt: skip
        assert said in text


def test_baseline_only():
    study = simulate()
    wanted = {name: study[name] for name in ("index", "scores")}
    baseline = {name: rows[rows["intermediate"] == "none"] for name, rows in wanted.items()}
    inputs = make_inputs(**(NOTHING | baseline), intermediates=["none"])
    page = Page(render(inputs))
    assert "the baseline only, no intermediate task" in page.text
    assert [row[0] for row in page.table("Scores of all tasks")[1:]] == ["none (baseline)"]


def test_one_seed_one_target_and_a_missing_intermediate():
    study = {
        name: table[(table["target"] == "xnli") & (table["intermediate"] != "qqp")]
        for name, table in simulate(seeds=(1,)).items()
        if name in ("index", "scores", "gains")
    }
    text = Page(render(make_inputs(**(NOTHING | study), targets=["xnli"]))).text
    assert "One seed only" in text
    assert "no gain is told from chance" in text
    stated = {"inference": {"run_sd": {"value": 1.0, "source": "three runs elsewhere"}}}
    inputs = make_inputs(**(NOTHING | study), targets=["xnli"], config=stated)
    text = Page(render(inputs)).text
    assert "1 points, after three runs elsewhere" in text
    assert "over test items and training runs as stated (one seed)" in text
    assert "no gain is told from chance" not in text
    assert "QQP: no run for any target." in text
    assert "no result" in text


def test_a_language_that_a_cell_lacks_is_said():
    scores = simulate()["scores"]
    lost = scores.query(
        "intermediate == 'qqp' and target == 'ner' and language == 'sw' and seed == 2"
    )
    text = render(make_inputs(scores=scores.drop(lost.index)))
    assert "QQP on NER, seed 2: no score for sw;" in text


def test_study_without_baseline():
    text = render(make_inputs(gains=None, intermediates=["mnli", "qqp"]))
    assert "the study has no baseline" in text


def test_wrong_inputs_are_named():
    with pytest.raises(StudyError, match=r"'gains' lacks the column.*low"):
        make_inputs(gains=simulate()["gains"].drop(columns="low"))
    with pytest.raises(StudyError, match="no source of data 'hubb'"):
        make_inputs(data="hubb")


def test_inputs_are_put_in_order(inputs):
    assert isinstance(inputs, ReportInputs) and dataclasses.is_dataclass(inputs)
    assert inputs.intermediates[0] == "none" and inputs.intermediates[-1] == "multitask"
    assert inputs.targets[0] == "xnli" and inputs.targets[-1] == "tatoeba"
