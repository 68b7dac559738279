"""A section of the page is one object and its template: a toy one is added without an edit."""

import dataclasses
import re
import sys

import pytest

from helpers.page_reader import Page
from helpers.simulated_study import make_inputs
from xstilts.report import sections
from xstilts.report.page import render
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.study_line import study_line

OPTIONAL = {
    field.name: field.default if field.default_factory is dataclasses.MISSING else None
    for field in dataclasses.fields(ReportInputs)
    if (field.default, field.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
} | {"inference": {}, "answer": {}, "problems": [], "versions": {}, "config": {}}  # fmt: skip
ALWAYS = {"titles", "contracts", "captions"}


def listed(html: str) -> list[str]:
    return re.findall(r'<section id="(\w+)">', html)


@pytest.fixture
def toy(add_object) -> str:
    add_object(sections, "toys/sections/cells.py")
    return "cells"


def test_each_section_bears_the_name_of_its_file_and_a_rank_of_its_own():
    for section in sections.page_sections():
        assert sys.modules[f"xstilts.report.sections.{section.name}"].SECTION is section
        assert set(section.reads) <= set(OPTIONAL) - ALWAYS
    ranks = [section.order for section in sections.page_sections()]
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize("section", sections.page_sections(), ids=lambda section: section.name)
def test_a_section_reads_only_what_it_says(full_inputs, section):
    others = {
        name: empty for name, empty in OPTIONAL.items() if name not in {*section.reads, *ALWAYS}
    }
    alone = dataclasses.replace(full_inputs, **others)
    assert section.context(alone) == section.context(full_inputs)


def test_the_menu_has_every_section_in_its_order(full_inputs):
    html = render(full_inputs)
    names = [section.name for section in sections.page_sections()]
    assert listed(html) == names
    menu = re.search(r"<nav.*?</nav>", html, re.S)[0]
    assert re.findall(r'href="#(\w+)"', menu) == names


def test_a_toy_section_stands_on_the_page_and_in_its_menu(toy, inputs):
    page = Page(render(inputs))
    assert f"This study has {len(inputs.index)} cells." in page.text
    assert "Number of cells" in page.text
    names = listed(render(inputs))
    assert names.index("claims") + 1 == names.index(toy) == names.index("similarity") - 1


def test_a_section_that_the_study_has_not_is_not_on_the_menu(toy):
    html = render(make_inputs(index=None, best=None))
    assert toy not in listed(html) and "choice" not in listed(html)
    assert "Number of cells" not in html and "Best tasks" not in html


def test_cheap_runs_stand_beside_full_ones(full_inputs, inputs):
    page = " ".join(render(full_inputs).split())
    assert "16 pairs of tasks were run cheaply and in full" in page
    assert "loses 0.6 points, always taking the most popular row 3.5" in page
    assert "(a share of 0.25 of the training examples)" in page
    assert 'id="fidelity"' not in render(inputs)


def test_the_first_line_says_that_all_runs_were_cheap(full_inputs):
    line = "cheap runs only (cheap: a share of 0.25 of the training examples)"
    cheap = dataclasses.replace(full_inputs, answer={**full_inputs.answer, "fidelity": "cheap"})
    assert line in study_line(cheap)
    full = dataclasses.replace(full_inputs, answer={**full_inputs.answer, "fidelity": "full"})
    assert (
        study_line(full) == study_line(full_inputs) == study_line(cheap).replace(f" · {line}", "")
    )
