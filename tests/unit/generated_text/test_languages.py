"""The demo's languages are parallel, in their own scripts, and annotated to the token."""

import re
import unicodedata

import pytest

from generated_text import LANGUAGES, generate
from generated_text.grammar import OPTIONAL
from generated_text.lexicon import Reference, concepts, described, vocabulary
from generated_text.tagging import NER_TAGS, POS_TAGS

SIZES = {"train": 100, "dev": 60, "test": 120}
OTHERS = [language for language in LANGUAGES if language != "en"]
# English words that no other of the languages has in this spelling.
ENGLISH = re.compile(
    r"\b(the|and|did|does|not|was|with|from|bought|sold|which|who|what|where|when|how|many|older|"
    r"taller|moved|founded|born|works|some|but|all|for|than|years|received)\b",
    re.IGNORECASE,
)


def rows(dataset: str, config: str, split: str) -> list[dict]:
    return generate(dataset, config, split, seed=1, sizes=SIZES).to_pylist()


def test_at_least_nine_languages_in_at_least_four_scripts():
    assert LANGUAGES[0] == "en" and "sw" in LANGUAGES and len(LANGUAGES) >= 9
    assert len({described(language)["script"] for language in LANGUAGES}) >= 4


@pytest.mark.parametrize("language", OTHERS)
def test_vocabularies_say_everything_that_english_says(language):
    english, other = vocabulary("en").entries, vocabulary(language).entries
    for category, entries in english.items():
        if category != "words":
            assert set(other[category]) == set(entries), category
    for name, clause in english["clauses"].items():
        ours = other["clauses"][name]
        assert set(ours.forms) == set(clause.forms), name
        for form, template in clause.forms.items():
            slots = {part.slot for part in template if isinstance(part, Reference)}
            said = {part.slot for part in ours.forms[form] if isinstance(part, Reference)}
            assert slots <= said, (name, form)
            assert said - slots <= set(other["words"]) | OPTIONAL, (name, form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_category_differ_so_that_meanings_do(language):
    for category, entries in vocabulary(language).entries.items():
        if category in ("words", "phrases", "clauses", "transfers"):
            continue
        spoken = [entry.forms[entry.first] for entry in entries.values()]
        assert len(set(spoken)) == len(spoken), category


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_its_words(language):
    entries = vocabulary(language).entries
    for category in (
        "people",
        "organisations",
        "cities",
        "roles",
        "things",
        "places",
        "comparisons",
    ):
        listed = concepts()[category]
        groups = listed.values() if isinstance(listed, dict) else [listed]
        assert {name for group in groups for name in group} == set(entries[category])


@pytest.mark.parametrize(
    ("dataset", "config", "split", "column"),
    [
        ("facebook/xnli", "{}", "test", "label"),
        ("google-research-datasets/paws-x", "{}", "test", "label"),
        ("google-research-datasets/paws-x", "{}", "test", "id"),
        ("google/xtreme", "XQuAD.{}", "validation", "id"),
        ("google/xtreme", "MLQA.{0}.{0}", "test", "id"),
    ],
)
def test_test_sets_are_parallel(dataset, config, split, column):
    english = [row[column] for row in rows(dataset, config.format("en"), split)]
    for language in OTHERS:
        assert [row[column] for row in rows(dataset, config.format(language), split)] == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_stand_in_the_same_rows_in_every_language(language):
    def digits(config: str) -> list[list[str]]:
        found = rows("google/xtreme", config, "validation")
        return [sorted(re.findall(r"\d+", row["context"])) for row in found]

    assert digits(f"XQuAD.{language}") == digits("XQuAD.en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("config", ["XQuAD.{0}", "MLQA.{0}.{0}"])
def test_answers_are_where_they_say(language, config):
    split = "validation" if config.startswith("XQuAD") else "test"
    for row in rows("google/xtreme", config.format(language), split):
        (answer,), (start,) = row["answers"]["text"], row["answers"]["answer_start"]
        assert row["context"][start : start + len(answer)] == answer
        assert row["context"].count(answer) >= 1 and len(answer) < len(row["context"]) / 3
        assert row["question"].endswith(("?", "？"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_are_as_many_as_tokens_and_of_enough_kinds(language):
    kinds = set()
    for row in rows("google/xtreme", f"udpos.{described(language)['name']}", "test"):
        assert len(row["tokens"]) == len(row["pos_tags"])
        kinds |= {POS_TAGS[tag] for tag in row["pos_tags"]}
    assert len(kinds) >= 10, kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_entities_are_well_formed_and_as_many_as_in_english(language):
    def spans(config: str) -> list[list[str]]:
        found = []
        for row in rows("google/xtreme", config, "test"):
            tags = [NER_TAGS[tag] for tag in row["ner_tags"]]
            assert len(tags) == len(row["tokens"]) == len(row["langs"])
            for before, tag in zip(["O", *tags], tags, strict=False):
                assert not tag.startswith("I-") or before[2:] == tag[2:]
            found.append(sorted(tag[2:] for tag in tags if tag.startswith("B-")))
        return found

    assert spans(f"PAN-X.{language}") == spans("PAN-X.en")


@pytest.mark.parametrize("language", OTHERS)
def test_text_is_in_the_script_of_its_language(language):
    script = described(language)["script"]
    for row in rows("facebook/xnli", language, "test") + rows(
        "facebook/xnli", language, "validation"
    ):
        for text in (row["premise"], row["hypothesis"]):
            letters = [character for character in text if unicodedata.category(character)[0] == "L"]
            assert all(unicodedata.name(letter).startswith(script) for letter in letters), text


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language):
    for row in rows("google/xtreme", f"tatoeba.{described(language)['tatoeba']}", "validation"):
        assert row["source_sentence"] != row["target_sentence"]
        found = {word.lower() for word in ENGLISH.findall(row["source_sentence"])}
        # German: "was" (what), "all-" never alone; Indonesian and others share none.
        assert found <= ({"was"} if language == "de" else set()), row


def test_sentences_of_tatoeba_differ_in_every_language():
    for language in OTHERS:
        found = rows("google/xtreme", f"tatoeba.{described(language)['tatoeba']}", "validation")
        assert len({row["source_sentence"] for row in found}) == len(found), language


# Written by hand, not by the generator: agreement and word order in one sentence each.
HAND_MADE = {
    "de": ("Im April verkaufte die Lehrerin in der Schule vier Bücher.",
           "Der Arzt fand keine Äpfel."),
    "es": ("En abril, la profesora vendió cuatro libros en la escuela.",
           "El médico no encontró manzanas."),
    "ru": ("В апреле учительница продала четыре книги в школе.", "Врач не нашёл яблоки."),
    "tr": ("Nisan ayında öğretmen okulda dört kitap sattı.", "Doktor elma bulmadı."),
    "sw": ("Mwezi wa Aprili, mwalimu aliuza vitabu vinne shuleni.", "Daktari hakupata matofaa."),
    "zh": ("四月，老师在学校卖了四本书。", "医生没有找到苹果。"),
    "hi": ("अप्रैल में शिक्षिका ने स्कूल में चार किताबें बेचीं।", "डॉक्टर ने सेब नहीं ढूँढे।"),
    "vi": ("Vào tháng Tư, giáo viên đã bán bốn quyển sách ở trường.", "Bác sĩ không tìm thấy táo."),
    "id": ("Pada bulan April, guru itu menjual empat buku di sekolah.",
           "Dokter itu tidak menemukan apel."),
}  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
def test_two_sentences_written_by_hand(language):
    from generated_text.grammar import Node, node, text

    def event(role: str, action: str, thing: str, number: Node | None, **adjuncts: Node) -> Node:
        kind = "counted" if number else "bare"
        what = node("phrases", kind, thing=Node("things", thing), number=number)
        who = node("phrases", "definite", role=Node("roles", role))
        return node("clauses", "event", agent=who, action=Node("actions", action), object=what,
                    thing=Node("things", thing), **adjuncts)  # fmt: skip

    sold = event(
        "teacher", "sell", "book", Node("numbers", "four"),
        place=Node("places", "school"), time=Node("months", "april"),
    )  # fmt: skip
    found = event("doctor", "find", "apple", None)
    expected = tuple(unicodedata.normalize("NFC", sentence) for sentence in HAND_MADE[language])
    assert (text(sold, language, "front"), text(found, language, "deny")) == expected
