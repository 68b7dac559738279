"""The table of languages: what it must hold, and what its reader says of a wrong one."""

import re

import pandas as pd
import pytest
import yaml

from xstilts.core.errors import StudyError
from xstilts.inference.languages import (
    NUMBERS,
    languages_table,
    pretraining_table,
    study_languages,
)

ORDER_FEATURES = [f"wals_{number}A" for number in (81, 82, 83, 85, 86, 87, 88, 89, 90)]
# A target task's name where XTREME's differs.
COLUMNS = {"ner": "x_panx", "pos": "x_udpos", "bucc": "x_bucc2018"}
RETRIEVAL = {"bucc", "tatoeba"}


@pytest.fixture(scope="module")
def table(root):
    return languages_table(root / "resources" / "languages.tsv")


def codes(rows):
    return set(rows["language"])


def test_forty_and_ten_languages(table):
    counts = table["benchmark"].value_counts()
    assert (counts["XTREME"], counts["XTREME-R"]) == (40, 10)
    assert (table["language"] == table["iso639_1"]).sum() == table["iso639_1"].notna().sum()
    table = table[:50]
    added = table[table["benchmark"] == "XTREME-R"]
    assert " ".join(sorted(codes(added))) == "az gu ht lt pa pl qu ro uk wo"
    for code in ("iso639_1", "iso639_3", "glottocode", "name", "wals_code"):
        assert table[code].is_unique and table[code].notna().all()


def test_joshi_classes_as_published(table):
    # Joshi et al. 2020, lang2tax.txt, counted over XTREME's and XTREME-R's languages.
    table = table[:50]
    counts = table.groupby("benchmark")["joshi_class"].value_counts()
    assert counts["XTREME"].to_dict() == {1: 4, 2: 3, 3: 14, 4: 12, 5: 7}
    assert counts["XTREME-R"].to_dict() == {1: 3, 2: 3, 3: 3, 4: 1}
    members = table.groupby("joshi_class")["language"].apply(lambda found: " ".join(sorted(found)))
    assert members[5] == "ar de en es fr ja zh"
    assert members[1] == "az gu jv ml my qu te"


def test_what_xlmr_has_not_seen_has_no_size(table):
    unseen = table[table["in_xlmr"] == 0]
    assert codes(unseen[unseen.index < 50]) == {"yo", "ht", "qu", "wo"}
    assert unseen["cc100_GiB"].isna().all()
    seen = table[table["in_xlmr"] == 1]
    assert seen["cc100_GiB"].between(0.1, 400).all()
    assert codes(table[table["in_xlmr"].isna()]) == {"nn"}  # Norwegian in that list is Bokmål


def test_sizes_are_those_of_the_paper(table):
    # Conneau et al. 2020, table 6; uk as its authors corrected it (printed 6.5 M tokens).
    size = table.set_index("language")["cc100_GiB"]
    published = {"en": 300.8, "sw": 1.6, "ur": 5.7, "vi": 137.3, "uk": 84.6, "jv": 0.2}
    assert size[list(published)].to_dict() == published


def test_no_distance_on_fewer_than_twenty_features(table):
    table = table[:50]
    known = table["uriel_n_syntax_of103"]
    distance = table["l2v_syntax_shared_ang"]
    assert (distance.notna() == (known >= 20)).all()
    assert codes(table[distance.isna()]) == {"jv", "kk"}
    assert known.between(0, 103).all() and distance.dropna().between(0, 1).all()
    assert codes(table[distance == 0]) == {"en"}


def test_no_value_is_a_placeholder_of_macro_languages(table):
    # lang2vec answers all of these with 0.57; a copied distance would be the same for two of them.
    macro = table[table["language"].isin(["ar", "az", "fa", "ms", "sw", "zh"])]
    assert macro["l2v_syntax_shared_ang"].is_unique
    assert not macro["l2v_syntax_shared_ang"].round(2).isin([0.57]).any()
    assert not [name for name in table if name.startswith("uriel_pre") or "knn" in name]


def test_word_order_counts_follow_from_the_features(table):
    table = table[:50]
    features = table.set_index("language")[ORDER_FEATURES]
    known = features.notna().sum(axis=1)
    same = features.eq(features.loc["en"]).sum(axis=1)
    counts = table.set_index("language")
    assert (known == counts["wals_wo_known"]).all()
    assert (same == counts["wals_wo_same_as_en"].fillna(0)).all()
    blank = counts.index[counts["wals_wo_same_as_en"].isna()]
    assert set(blank) == {"af", "jv", "kk", "ms", "ht", "qu"} == set(counts.index[known == 0])


def test_ranges(table):
    assert table["km_from_english"].dropna().between(0, 20015).all()
    assert table["wiki_articles_2020_08"].dropna().gt(0).all()
    assert table["joshi_class"].dropna().isin(range(6)).all()
    for name in ("script_is_latin", "in_xlmr", "in_mbert"):
        assert table[name].dropna().isin([0, 1]).all()
    assert codes(table[:50][table["in_mbert"][:50] == 0]) == {"qu", "wo"}
    table = table[table["script_iso15924"].notna()]
    assert ((table["script_iso15924"] == "Latn") == (table["script_is_latin"] == 1)).all()
    assert table["family_glottolog"][:50].value_counts()["Indo-European"] == 23


def test_xtreme_has_the_languages_of_its_task_sheets(root, table):
    for path in sorted((root / "resources" / "tasks").glob("*.yaml")):
        sheet = yaml.safe_load(path.read_text())
        column = COLUMNS.get(sheet["name"], f"x_{sheet['name']}")
        if "target" not in sheet["roles"] or column not in table:
            continue
        # English is the other side of each pair, no language that is searched.
        pair_side = {"en"} if sheet["name"] in RETRIEVAL else set()
        assert codes(table[table[column] == "1"]) == set(sheet["languages"]) | pair_side, path.name


def test_every_language_of_every_sheet_has_a_row(root, table):
    wanted = set()
    for path in (root / "resources" / "tasks").glob("*.yaml"):
        wanted |= set(yaml.safe_load(path.read_text())["languages"])
    assert len(wanted) > 200
    # In another script, a language is the same.
    assert {code.partition("-")[0] for code in wanted} <= codes(table)
    assert table["name"].notna().all()


def test_lists_of_encoders_agree_with_the_table(root, table):
    """They were made of the same sources, the table with corrections by hand."""
    lists = root / "resources" / "pretraining"
    for name, column in (("xlm-r", "in_xlmr"), ("mbert", "in_mbert")):
        seen = set(pretraining_table(lists / f"{name}.tsv")["language"])
        assert codes(table[table[column] == 1]) <= seen, name
        assert not codes(table[table[column] == 0]) & seen, name
    size = pretraining_table(lists / "xlm-r.tsv").set_index("language")["GiB"]
    of_the_table = table[table["in_xlmr"] == 1].set_index("language")["cc100_GiB"]
    assert (size[of_the_table.index] == of_the_table).all()


FACTS = (
    "language\tname\tfamily_glottolog\tjoshi_class\tin_xlmr\tcc100_GiB\tscript_iso15924\n"
    "de\tGerman\tIndo-European\t5\t1\t66\tLatn\nzh\tChinese\tSino-Tibetan\t5\t1\t63\tHans\n"
)


def test_a_study_knows_languages_by_its_own_encoder(tmp_path):
    (tmp_path / "facts.tsv").write_text(FACTS)
    (tmp_path / "own.tsv").write_text("language\tGiB\nzh\t7\nxx\t\n")
    facts = languages_table(tmp_path / "facts.tsv")
    assert facts["pretraining_GiB"].tolist() == [66, 63]
    own = pretraining_table(tmp_path / "own.tsv")
    table, problems = study_languages(facts, ["de", "zh-Hant", "xx", "yy"], own)
    rows = table.set_index("language")
    assert rows["in_pretraining"].fillna(-1).to_dict() == {
        "de": 0, "zh": 1, "xx": 1, "yy": 0, "zh-Hant": -1,
    }  # fmt: skip
    assert rows.loc["zh", "pretraining_GiB"] == 7 and rows["pretraining_GiB"].notna().sum() == 1
    assert rows.loc["zh-Hant", ["family_glottolog", "script_iso15924"]].tolist() == [
        "Sino-Tibetan", "Hant",
    ]  # fmt: skip
    assert rows.loc["zh-Hant", "joshi_class"] == 5 and pd.isna(rows.loc["yy", "name"])
    assert problems == [
        "The table of languages knows nothing of xx, yy: no analysis of languages has them; add "
        "rows to resources/languages.tsv."
    ]
    table.to_csv(tmp_path / "study.tsv", sep="\t", index=False)
    assert len(languages_table(tmp_path / "study.tsv")) == 5


def test_an_encoder_of_which_nothing_is_known(tmp_path):
    (tmp_path / "facts.tsv").write_text(FACTS)
    table, problems = study_languages(languages_table(tmp_path / "facts.tsv"), ["de"], None)
    assert table["in_pretraining"].isna().all() and table["pretraining_GiB"].isna().all()
    assert problems == []


def test_a_list_of_an_encoder_without_its_columns(tmp_path):
    (tmp_path / "own.tsv").write_text("language\tsize\nzh\t7\n")
    with pytest.raises(StudyError, match=r"own.tsv: the list of .* has no column 'GiB'"):
        pretraining_table(tmp_path / "own.tsv")


def test_every_column_is_documented(root, table):
    text = (root / "resources" / "languages.md").read_text()
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`(\w+)`", " ".join(cells)))
    between = {"wals_81A": ORDER_FEATURES, "x_panx": [name for name in table if name[:2] == "x_"]}
    for start, names in between.items():
        assert start in named
        named |= set(names)
    derived = {"in_pretraining", "pretraining_GiB"}
    assert named | derived == set(table.columns) | derived
    assert "CC BY-SA 4.0" in text


def test_numbers_are_numbers(table):
    assert all(pd.api.types.is_float_dtype(table[name]) for name in NUMBERS)


@pytest.mark.parametrize(
    "text, message",
    [
        ("iso639_1\tname\nde\tGerman\n", "no column 'family_glottolog'"),
        (
            "language\tcc100_GiB\nde\t1\nde\t2\n",
            "line 3: the code in column 'language' is blank or",
        ),
        ("language\tcc100_GiB\nde\tmuch\n", "'much' in column 'cc100_GiB' of language de is no"),
        ("", "no tab-separated table"),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(tmp_path, text, message):
    path = tmp_path / "languages.tsv"
    path.write_text(text)
    columns = ("cc100_GiB",) if "cc100" in text else ("family_glottolog",)
    with pytest.raises(StudyError, match=message):
        languages_table(path, columns)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(StudyError, match="nowhere: the table of languages is missing"):
        languages_table(tmp_path / "nowhere")


def test_codes_that_look_like_missing_values_stay(tmp_path):
    path = tmp_path / "languages.tsv"
    path.write_text("iso639_1\tcc100_GiB\nna\t1\nNA\t\n")
    table = languages_table(path, ("cc100_GiB",))
    assert list(table["language"]) == ["na", "NA"]
    assert table["cc100_GiB"].isna().tolist() == [False, True]
