"""Everything together: files of the contract, small and damaged studies, repeatability, speed."""

import dataclasses
import json
import time

import numpy as np
import pandas as pd
import pytest
from scenarios import SMALL, Scenario, simulate
from scipy import stats

from helpers.fast_inference import leave_out_refits
from xstilts.core.errors import StudyError
from xstilts.inference.analyses.families import of_kinds
from xstilts.inference.run import Inputs, infer
from xstilts.inference.table_files import write_summary, write_tables
from xstilts.inference.tables import inference_tables

COLUMNS = {table.name: list(table.columns) for table in inference_tables()}


@pytest.fixture(scope="module")
def inputs(simulated, two_measures, sizes) -> Inputs:
    return Inputs(simulated.gains, two_measures, simulated.languages, sizes, ("bucc",))


@pytest.fixture
def few_refits(monkeypatch):
    """Tests of other things need neither influence nor power, which refit hundreds of times."""
    leave_out_refits(monkeypatch)
    monkeypatch.setattr("mixed_models.engines.LARGEST", 0)


@pytest.fixture(scope="module")
def timed(inputs, config) -> tuple:
    """The whole inference and the CPU seconds that it took."""
    begun = time.process_time()
    return infer(inputs, config), time.process_time() - begun


@pytest.fixture(scope="module")
def found(timed):
    return timed[0]


def test_it_takes_seconds(timed):
    # 54 dyads of eight languages and two seeds; benchmarks/inference_speed.py has larger studies.
    assert timed[1] < 15


def changed(inputs: Inputs, **parts: object) -> Inputs:
    return dataclasses.replace(inputs, **parts)


def without(gains: pd.DataFrame, *dyads: tuple[str, str]) -> pd.DataFrame:
    pairs = zip(gains["intermediate"], gains["target"], strict=True)
    return gains[[pair not in dyads for pair in pairs]]


def test_every_table_has_its_columns_and_rows(found):
    assert list(found.tables) == list(COLUMNS)
    for name, table in found.tables.items():
        assert list(table.columns) == COLUMNS[name]
        assert len(table), name


KINDS = {
    "anli": "pair", "mnli": "pair", "qqp": "pair", "squad_v1": "span", "squad_v2": "span",
    "hellaswag": "choice", "cosmosqa": "choice", "commonsenseqa": "choice", "ccg": "tagging",
    "xnli": "pair", "pawsx": "pair", "pos": "tagging", "ner": "tagging", "xquad": "span",
    "bucc": "retrieval",
}  # fmt: skip


def test_families_are_said_and_have_an_effect_of_their_pairs(inputs, config, few_refits):
    families = of_kinds(KINDS, {target: None if target == "bucc" else target for target in SMALL})
    summary = infer(changed(inputs, families=families), config).summary
    assert summary["families"]["pairs"] == 16
    assert summary["families"]["in_model"] is True
    assert summary["families"]["intermediate"]["span"] == ["squad_v1", "squad_v2"]
    # There are none in this simulation, and the variance of their pairs is estimated zero.
    assert "family pair" in summary["headline"]["note"]
    plain = infer(inputs, config).summary
    assert plain["families"]["in_model"] is False
    assert "family pair" not in plain["headline"]["note"]


def test_a_square_table_is_tested(config, few_refits):
    names = [f"task{k}" for k in range(8)]
    study = simulate(
        Scenario(slope=2.0), 3, seeds=2, intermediates=names,
        languages_of=dict.fromkeys(names, 4), languages=4,
    )  # fmt: skip
    gains = study.gains[study.gains["intermediate"] != study.gains["target"]]
    summary = infer(Inputs(gains, study.similarity, study.languages), config).summary
    assert summary["match"]["n"] == 56
    assert summary["match"]["p"] < 0.05
    assert "not confirmed" not in summary["answer"]


def test_no_p_is_not_confirmed_with_its_reason(inputs, config, few_refits):
    # Every task lacks a pair, so that none can change places.
    names, targets = sorted(set(inputs.gains["intermediate"])), sorted(SMALL)
    gains = without(inputs.gains, *((name, targets[k % 6]) for k, name in enumerate(names)))
    summary = infer(changed(inputs, gains=gains), config).summary
    assert summary["robust"] is None
    assert np.isnan(summary["match"]["p"])
    assert "not confirmed, because only 0 intermediate and 0 target tasks" in summary["answer"]


def test_effects_come_in_every_way(found):
    effects = found.tables["effects"]
    ways = set(zip(effects["analysis"], effects["scale"], effects["method"], strict=True))
    for scale in ("standardised", "points"):
        for method in ("kenward_roger", "satterthwaite", "mrqap"):
            assert ("headline", scale, method) in ways
    assert ("rows", "standardised", "naive") in ways
    for analysis in ("low_resource", "low_resource_joshi"):
        for method in ("kenward_roger", "satterthwaite", "kenward_roger_of_contrasts", "mrqap"):
            assert (analysis, "standardised", method) in ways
    assert effects["p"].between(0, 1).all()
    ends = effects
    assert (ends["low"] < ends["estimate"]).all()
    assert (ends["estimate"] < ends["high"]).all()
    assert effects.loc[effects["method"] == "naive", "note"].str.contains("warning").all()


def test_answer_says_what_the_tables_say(found):
    summary = found.summary
    rows = found.tables["effects"].query("analysis == 'headline' and scale == 'standardised'")
    rows = rows.set_index(["method", "term"], drop=False)
    assert summary["headline"] == rows.loc["kenward_roger", "similarity"].to_dict()
    match = rows.loc["mrqap", "similarity"].drop("standard_error").to_dict()
    assert match.items() <= summary["match"].items()
    assert summary["contrast"] == rows.loc["kenward_roger", "match_minus_between"].to_dict()
    for name in ("headline", "match"):
        assert {"estimate", "low", "high", "df", "p", "subset"} <= set(summary[name])
        assert summary[name]["low"] < summary[name]["estimate"] < summary[name]["high"]
    assert f"{summary['headline']['estimate']:.2f}" in summary["answer"]
    assert "more similar tasks help more, and so does the better match" in summary["answer"]
    assert summary["robust"] is True
    smallest = found.tables["power"]["smallest_slope_seen"].iloc[0]
    assert f"{smallest:.2f}" in summary["limits"]
    assert summary["problems"] == []


def test_measures_and_their_agreement(found):
    measures = found.tables["measures"].set_index("measure")
    first, second = measures.loc["text_embedding"], measures.loc["vocabulary_overlap"]
    assert first["primary"]
    assert not second["primary"]
    assert first["estimate"] == pytest.approx(-second["estimate"], rel=1e-4)
    match = found.summary["match"]
    assert first["estimate_disattenuated"] == pytest.approx(match["estimate"] / 0.9)
    assert first["p_mrqap"] == match["p"]
    assert found.tables["agreement"]["spearman"].tolist() == [pytest.approx(-1)]


def test_agreement_is_spearmans(inputs, config, few_refits):
    random = np.random.default_rng(1)
    tables = [
        inputs.similarity.iloc[:54].assign(measure=name, similarity=random.normal(size=54))
        for name in ("text_embedding", "vocabulary_overlap")
    ]
    values = [table["similarity"].to_numpy() for table in tables]
    got = infer(changed(inputs, similarity=pd.concat(tables)), config).tables["agreement"]
    assert got["spearman"].iloc[0] == pytest.approx(stats.spearmanr(*values).statistic)
    assert got["dyads"].iloc[0] == 54


def test_influence_is_the_headline_without(found, inputs, config, few_refits):
    row = found.tables["influence"].query("kind == 'intermediate' and left_out == 'ccg'").iloc[0]
    gains = inputs.gains.query("intermediate != 'ccg'")
    headline = infer(changed(inputs, gains=gains), config).summary["headline"]
    for name in ("estimate", "low", "high", "p"):
        assert row[name] == pytest.approx(headline[name], rel=1e-9)
    kinds = set(found.tables["influence"]["kind"])
    assert kinds == {"intermediate", "target", "language", "family", "retrieval"}


def test_selection_beats_chance_where_similarity_rules(found):
    selection = found.tables["selection"]
    means = selection.query("held_out == 'mean'").set_index(["scheme", "predictor", "metric"])
    best = means.loc["leave_one_target_out", "similarity", "recovered_at_1"]
    assert best["value"] > best["chance"] + 0.2
    assert best["low"] <= best["value"] <= best["high"]
    random = means.loc["leave_one_target_out", "random", "recovered_at_1"]
    assert random["value"] == pytest.approx(0, abs=1e-9)
    predictors = set(selection["predictor"])
    assert predictors == {
        "similarity", "popularity", "similarity_and_popularity", "training_size", "random",
    }  # fmt: skip


def test_the_same_seed_gives_the_same_bytes(inputs, config, few_refits, tmp_path):
    shuffled = inputs.gains.sample(frac=1, random_state=3)
    for name, gains in {"first": inputs.gains, "second": shuffled}.items():
        write_tables(infer(changed(inputs, gains=gains), config).tables, tmp_path / name)
    for path in sorted((tmp_path / "first").iterdir()):
        assert path.read_text() == (tmp_path / "second" / path.name).read_text(), path.name


def test_summary_is_strict_json(found, tmp_path):
    write_summary(found.summary, tmp_path / "inference.json")
    read = json.loads((tmp_path / "inference.json").read_text(), parse_constant=pytest.fail)
    assert read["low_resource"]["analysis"] == "low_resource"
    assert read["tables"] == list(COLUMNS)


def test_missing_dyads_are_counted_and_said(inputs, config, few_refits):
    gains = without(inputs.gains, ("ccg", "pos"), ("qqp", "ner"))
    found = infer(changed(inputs, gains=gains), config)
    assert found.summary["headline"]["n"] == 52
    assert any(
        line.startswith("2 pairs of tasks have no gain") for line in found.summary["problems"]
    )
    note = found.summary["match"]["note"]
    assert "7 intermediate and 4 target tasks" in note


def test_a_measure_without_some_targets(inputs, config, few_refits):
    lacking = inputs.similarity["measure"].eq("vocabulary_overlap") & inputs.similarity[
        "target"
    ].eq("bucc")
    similarity = inputs.similarity.assign(similarity=inputs.similarity["similarity"].mask(lacking))
    found = infer(changed(inputs, similarity=similarity), config)
    measures = found.tables["measures"].set_index("measure")
    assert measures["p_max_t"].notna().all()
    assert found.tables["agreement"]["dyads"].tolist() == [45]


def test_same_data_dyads_with_and_without(inputs, config, few_refits):
    same = inputs.gains["intermediate"].eq("mnli") & inputs.gains["target"].eq("xnli")
    found = infer(changed(inputs, gains=inputs.gains.assign(same_data=same)), config)
    headline = found.tables["effects"].query("analysis == 'headline' and method == 'mrqap'")
    assert set(headline["subset"]) == {"all", "without_same_data"}
    counts = headline.groupby("subset")["n"].first()
    assert counts["all"] == counts["without_same_data"] + 1 == 54
    assert "same_data" in set(found.tables["effects"]["term"])


def test_training_size_as_covariate(inputs, config, few_refits):
    found = infer(inputs, {**config, "covariates": ["training_size"]})
    assert "training_size" in set(found.tables["effects"]["term"])
    lacking = infer(
        changed(inputs, training_sizes={"mnli": 10}), {**config, "covariates": ["training_size"]}
    )
    assert "training_size" not in set(lacking.tables["effects"]["term"])
    assert any("training_size" in line for line in lacking.summary["problems"])


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("intermediate in ['anli', 'mnli', 'ccg']", "at least 5 intermediate"),
        ("target in ['pos', 'ner']", "at least 5"),
        ("language == 'l00'", "No low-resource analysis"),
        ("language == 'nowhere'", "at least 5"),
    ],
)
def test_a_study_too_small_still_has_every_table(
    inputs, config, condition, problem, tmp_path, few_refits
):
    found = infer(changed(inputs, gains=inputs.gains.query(condition)), config)
    assert list(found.tables) == list(COLUMNS)
    assert any(problem in line for line in found.summary["problems"])
    assert found.summary["answer"]
    assert found.summary["limits"]
    write_tables(found.tables, tmp_path)
    write_summary(found.summary, tmp_path / "inference.json")
    assert len(list(tmp_path.glob("*.tsv"))) == len(COLUMNS)


def test_notes_say_which_languages_no_test_saw(inputs, config, few_refits):
    languages = inputs.languages.copy()
    languages.loc[languages["language"] == "l03", "in_pretraining"] = 0
    settings = {**config, "without_languages": ["l00"]}
    effects = infer(changed(inputs, languages=languages), settings).tables["effects"]
    notes = effects.query("method == 'kenward_roger'").groupby("analysis")["note"].first()
    assert notes["headline"].endswith("without the languages l00")
    assert notes["low_resource"].endswith("without the languages l00, l03")


def test_one_seed_says_what_it_lacks(inputs, config, few_refits):
    found = infer(changed(inputs, gains=inputs.gains.query("seed == 1")), config)
    assert "one seed" in found.summary["limits"]
    ceiling = found.tables["noise_ceiling"].set_index("quantity")
    assert np.isnan(ceiling.loc["reliability", "value"])
    assert "run" not in set(found.tables["variance"]["component"])


def test_uneven_seeds_are_said(inputs, config, few_refits):
    gains = inputs.gains.query("not (seed == 2 and intermediate == 'ccg' and target == 'pos')")
    problems = infer(changed(inputs, gains=gains), config).summary["problems"]
    assert any(line.startswith("1 pairs of tasks have fewer seeds") for line in problems)


def test_equal_similarity_everywhere_is_no_test(inputs, config, few_refits):
    flat = inputs.similarity.assign(similarity=0.5)
    found = infer(changed(inputs, similarity=flat), config)
    assert any("equally similar" in line for line in found.summary["problems"])
    assert found.summary["headline"] is None
    assert found.summary["robust"] is None


def test_an_unknown_primary_measure_is_a_mistake(inputs, config):
    with pytest.raises(StudyError, match="did you mean 'text_embedding'"):
        infer(inputs, {**config, "primary_measure": "text_embeddings"})


def test_one_slope_seen_and_the_other_not_is_no_contradiction(inputs, config, few_refits):
    # In this study the mixed model sees a slope and the permutation test does not.
    study = simulate(Scenario(slope=1.0), 4, seeds=2, languages_of=SMALL, languages=8)
    summary = infer(changed(inputs, gains=study.gains, similarity=study.similarity), config).summary
    assert summary["headline"]["p"] < 0.05 < summary["match"]["p"]
    assert summary["contrast"]["p"] > 0.05
    assert summary["robust"] is True
    assert "by itself is not shown" in summary["answer"]


def test_a_null_says_what_it_rules_out(inputs, config, few_refits):
    study = simulate(Scenario(), 2, languages_of=SMALL, languages=8)
    summary = infer(changed(inputs, gains=study.gains, similarity=study.similarity), config).summary
    assert "not shown" in summary["answer"]
    assert "by its 90 % interval it rules out slopes beyond" in summary["limits"]
    assert summary["equivalence"]["bound"] == 0.5
