"""A number that the page shows twice it shows alike: gain, interval, score, dev score."""

import re

import pytest

from helpers.page_reader import Page
from helpers.simulated_study import titles
from xstilts.report.formats import interval, number
from xstilts.report.names import titled, written
from xstilts.report.page import render


@pytest.fixture(scope="module")
def page(full_inputs) -> Page:
    return Page(render(full_inputs))


@pytest.fixture(scope="module")
def shown(full_inputs) -> dict[tuple[str, str], tuple[str, str]]:
    """Intermediate and target in words -> the gain and the interval that stand everywhere."""
    with titled(titles()):
        return {
            (written(row.intermediate), written(row.target)): (
                number(row.gain, signed=True), interval(row.low, row.high),
            )
            for row in full_inputs.dyads.itertuples()
        }  # fmt: skip


def test_gains_and_intervals_are_those_of_the_map_in_every_table(page, shown):
    places = 0
    for row in page.table("Gains in points")[1:]:
        assert (row[2].removesuffix(" †"), row[3]) == shown[row[0], row[1]]
        places += 1
    for row in page.table("Every row of each")[1:]:
        if row[1] != "none (baseline)":
            assert (row[6].removesuffix(" †"), row[7]) == shown[row[1], row[0]]
            places += 1
    for row in page.table("What was taken for each target, and on")[1:]:
        if " or " not in row[1]:
            assert (row[5], row[6]) == shown[row[2], row[0]]
            places += 1
    for row in page.table("Each pair of tasks")[1:]:
        assert row[2] == shown[row[0], row[1]][0]
        places += 1
    assert places > 180


def test_the_first_screen_says_what_the_map_says(page, shown):
    for row in page.table("What to take")[1:]:
        name = re.sub(r"^none(next: )?", "", row[1])
        if " or " not in name:
            assert (row[2], row[3]) == shown[name, row[0]]
    maps = {}
    for _, attributes in page.tags:
        if facts := attributes.get("data-facts"):
            own = dict(line.split(": ", 1) for line in facts.split("\n"))
            maps[tuple(own["gain of"].split(" → "))] = own["gain"], own["95 % interval"]
    assert {pair: maps[pair] for pair in shown} == shown


def test_extremes_are_the_maps(page, shown):
    (sentence,) = re.findall(r"The extremes are [^;]*;", page.text)
    pairs = re.findall(r"(\S[^,]*?) → ([^,]*), ([+−][\d.]+) (\[[^\]]*\])", sentence[17:])
    assert len(pairs) == 2
    for name, target, gain, ends in pairs:
        assert (gain, ends) == shown[name.removeprefix("and ").split(") and ")[-1], target]


def test_italics_remarks_and_intervals_agree_on_zero(page, full_inputs):
    remarks = {(row[0], row[1]): row[7] for row in page.table("Gains in points")[1:]}
    kinds = {
        attributes["data-dyad"]: attributes.get("class") or ""
        for _, attributes in page.tags if "data-dyad" in attributes
    }  # fmt: skip
    for row in full_inputs.dyads.itertuples():
        includes = not (row.low > 0 or row.high < 0)
        assert ("unsure" in kinds[f"{row.intermediate} {row.target}"]) == includes
        said = remarks[written(row.intermediate), written(row.target)]
        assert ("includes zero" in said) == includes


def test_test_scores_are_those_of_the_table_of_scores(page):
    head, *rows = page.table("Scores of all tasks")
    targets = [name.split("|")[0] for name in head]
    scores = {(row[0], target): text.split(" / ")[0] for row in rows
              for target, text in zip(targets, row, strict=True)}  # fmt: skip
    for row in page.table("Every row of each")[1:]:
        assert row[4] == scores[row[1], row[0]]
