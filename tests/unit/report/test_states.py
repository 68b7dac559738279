"""Studies that are not whole: the page says what is missing and shows what there is."""

import re

import pytest

from helpers.page_reader import Page
from helpers.simulated_inference import ANSWER
from helpers.simulated_study import DIVERGED, make_inputs, simulate, with_summaries
from xstilts.report import provenance
from xstilts.report.names import measure_name, written
from xstilts.report.page import render


def page_of(**changes) -> Page:
    return Page(render(make_inputs(**changes)))


def test_study_half_done_shows_the_half_that_is_done():
    done = {
        name: table.query("target in ('xnli', 'pawsx')") if "target" in table else table
        for name, table in simulate().items()
    }
    page = page_of(**with_summaries(done))
    assert "MNLI: no run for POS, NER, XQuAD, MLQA, TyDiQA, BUCC and Tatoeba." in page.text
    row = next(row for row in page.table("Scores of all tasks") if row[0] == "MNLI")
    assert row[1] != "–" and row[3:] == ["–"] * 8
    assert {row[1] for row in page.table("Gains in points")[1:]} == {"XNLI", "PAWS-X"}


def test_diverged_run_is_named_and_crossed_out(inputs):
    page = Page(render(inputs))
    name, target = map(written, DIVERGED)
    assert f"{name}: diverged on {target} (seeds 1 and 2)" in page.text
    assert "×" in page.text
    row = next(row for row in page.table("Scores of all tasks") if row[0] == name)
    assert row[3] == "–" and row[-1] == "–"


def test_without_inference_the_page_says_so_and_shows_the_gains(inputs):
    page = Page(render(inputs))
    assert "This study has not asked yet: it has no inference." in page.text
    assert "neither similarities nor a test of them" in page.text
    assert "No inference: the similarity section is empty." in page.text
    assert len(page.table("Gains in points")) == 90


def test_one_seed_is_said():
    page = page_of(**with_summaries(simulate(seeds=(1,))))
    assert "One seed only: no interval here says what another training run would give." in page.text
    assert {row[5] for row in page.table("Gains in points")[1:]} == {"1"}


def test_answer_and_limits_stand_at_the_top(full_inputs):
    html = render(full_inputs)
    top = html.index('id="gains"')
    for sentence in (ANSWER["answer"], ANSWER["limits"]):
        assert 0 < html.index(sentence) < top
    assert ANSWER["problems"][0] in Page(html).text


@pytest.mark.parametrize(
    "robust, said",
    [(False, "Not robust: the slope over all pairs and that of the match alone contradict"),
     (True, "The slope over all pairs and that of the match alone do not contradict")],
)  # fmt: skip
def test_whether_the_two_slopes_agree_is_said(robust, said):
    assert said in page_of(answer=ANSWER | {"robust": robust}).text


def test_inference_of_a_study_too_small_for_it_shows_its_sentences():
    answer = {"answer": "", "limits": "", "problems": ["Fewer than five intermediate tasks."]}
    page = page_of(answer=answer)
    assert "Fewer than five intermediate tasks." in page.text
    assert "has no inference" in page.text


def test_inference_tables_are_those_of_the_rule(full_inputs):
    page = Page(render(full_inputs))
    rows = page.table("Each measure of similarity")
    table = full_inputs.inference["measures"]
    assert [row[0] for row in rows[1:]] == [measure_name(name) for name in table["measure"]]
    estimates = [float(row[2].replace("−", "-")) for row in rows[1:]]
    assert estimates == pytest.approx(list(table["estimate"]), abs=0.006)
    dyads = page.table("Each pair of tasks")
    assert len(dyads) == len(full_inputs.inference["dyads"]) + 1
    assert float(dyads[1][2].replace("−", "-")) == pytest.approx(
        full_inputs.inference["dyads"]["gain"].iloc[0], abs=0.051
    )


def test_why_the_test_stands_on_fewer_pairs_than_there_are_is_said(full_inputs):
    text = " ".join(Page(render(full_inputs)).text.split())
    assert (
        "The test stands on 80 of the 89 pairs that have a gain, of 9 of 10 rows: multi-task is no"
        in text
    )


def test_no_key_of_a_table_or_task_stands_on_the_page(full_inputs):
    """Names of runs, files, config keys and the config itself aside."""
    html = render(full_inputs)
    own = ("script", "style", "pre", "code", r"a [^>]*receipt\.json")
    for hidden in own:
        html = re.sub(rf"<{hidden}.*?</{hidden.split()[0]}>", "", html, flags=re.S)
    assert re.findall(r"\b[a-z]+_[a-z_0-9]+\b", Page(html).text) == []
    assert not re.search(r"[\s\[(]-\d", Page(html).text)  # true minus signs alone


def test_versions_of_what_made_the_page_are_known():
    found = provenance.surroundings()
    assert {"Python", "Snakemake", "transformers", "commit"} <= set(found)
    assert found["Python"].count(".") == 2 and all(found.values())
