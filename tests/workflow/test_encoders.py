"""A tiny study of two encoders, really run: each encoder's page, and the one over both."""

import json
import re

import pandas as pd
import pytest

from helpers import study_folder
from helpers.browser import chromium, visit
from helpers.study_folder import StudyFolder
from xstilts.inference.encoder_tables import ENCODER_TABLES, OVER_ALL
from xstilts.inference.tables import inference_tables

NAMES = ["one-layer", "two-layers"]
STUDY = study_folder.STUDY | {
    "study": "two",
    "intermediate_tasks": ["hellaswag", "ccg", "mnli"],
    "target_tasks": ["pos", "tatoeba"],
    "encoders": [
        {"name": "one-layer", "layers": 1},
        {"name": "two-layers", "layers": 2},
    ],
    "multitask": {"enabled": False},
    "similarity": {
        "measures": ["text_embedding"],
        "primary": "text_embedding",
        "language_measures": [],
        "examples": 12,
        "subsamples": 10,
    },
}
del STUDY["encoder"]


@pytest.fixture(scope="module")
def place(root, tmp_path_factory) -> StudyFolder:
    made = StudyFolder(root, tmp_path_factory.mktemp("two"), STUDY)
    planned = made.xstilts("forecast")
    assert "of 16 anew" in planned
    said = made.snakemake()
    assert "Report: results/studies/two/report.html" in said
    return made


def test_each_encoder_has_its_tables_and_its_page(place):
    for name in NAMES:
        own = place.tables / name
        for table in ("report.html", "gains.parquet", "inference.json", "tables/best.tsv"):
            assert (own / table).is_file()
        assert f"{name} · 3 intermediate tasks" in (own / "report.html").read_text()


def test_the_joint_tables_are_of_both(place):
    gains = pd.read_parquet(place.tables / "gains.parquet")
    for name in NAMES:
        own = pd.read_parquet(place.tables / name / "gains.parquet")
        joint = gains[gains["encoder"] == name].drop(columns="encoder").reset_index(drop=True)
        pd.testing.assert_frame_equal(joint, own)
    replicates = pd.read_parquet(place.tables / "replicates.parquet")
    assert set(replicates["seed"]) == {1, 2}
    for contract in ENCODER_TABLES:
        table = pd.read_csv(place.tables / "tables" / f"{contract.name}.tsv", sep="\t")
        assert list(table.columns) == list(contract.columns)
    for table in inference_tables():
        assert (place.tables / "inference" / f"{table.name}.tsv").is_file()
    assert json.loads((place.tables / "inference.json").read_text())["encoders"] == NAMES


def test_what_to_take_is_told_over_both_and_with_each(place):
    best = pd.read_csv(place.tables / "tables" / "best.tsv", sep="\t", keep_default_na=False)
    assert list(best["encoder"]) == [OVER_ALL, *NAMES] * 2
    assert list(best["target"]) == ["pos"] * 3 + ["tatoeba"] * 3


def test_the_page_leads_to_both_pages_in_a_browser(place):
    page = place.tables / "report.html"
    links = set(re.findall(r'href="([^"#]+/report\.html)"', page.read_text(encoding="utf-8")))
    assert links == {f"{name}/report.html" for name in NAMES}
    with chromium() as browser:
        for size in ("desk", "phone"):
            with visit(browser, page, size) as seen:
                wide = seen.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= (390 if size == "phone" else 1440)
                seen.draw_all()
                assert seen.complaints == []
                seen.page.locator("nav a", has_text="one-layer").click()
                assert "study two" in seen.page.title()
                assert seen.page.url.endswith("one-layer/report.html")


def test_a_second_run_does_nothing_and_commands_know_both(place):
    assert "Nothing to be done" in place.snakemake()
    assert "nothing to run" in place.xstilts("forecast")
    lines = pd.read_csv(place.tables / "forecast.tsv", sep="\t")
    targets = lines[lines["stage"] == "target"]
    assert set(targets["encoder"]) == set(NAMES)
    tables = lines[lines["stage"] == "table"]
    assert {"score_cells of one-layer", "score_cells of two-layers"} <= set(tables["job"])
    assert "Stale: 0 folders" in place.xstilts("stale")
    told = place.xstilts("explain", "--cell", "ccg/pos", "--encoder", "two-layers")
    assert "two-layers" in told and "one-layer" not in told


def test_submissions_of_both_are_written_by_the_name_of_their_rule(place):
    place.snakemake("write_submission")
    for name in NAMES:
        submission = place.tables / name / "submission"
        # Two of nine targets and two of their languages: not what XTREME takes, and told.
        assert "best/xnli: the folder is missing." in submission.with_suffix(".txt").read_text()
        assert {path.name for path in (submission / "best" / "udpos").iterdir()} == {"test-en.tsv"}
