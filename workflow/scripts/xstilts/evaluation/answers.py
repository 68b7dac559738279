"""Scores of one extracted answer, as SQuAD and MLQA define them.

SQuAD: the official evaluate-v2.0.py (Rajpurkar et al. 2018). It agrees with v1.1, with which XTREME
scores XQuAD and TyDiQA in every language, where each gold answer has a word in it; a gold answer
without one ("." in one question of SQuAD's dev set) is passed over.
MLQA: mlqa_evaluation_v1.py (Lewis et al. 2020), with articles, punctuation and words per language.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

Tokens = list[str]

_MLQA_ARTICLES = {
    "en": r"\b(?:a|an|the)\b",
    "es": r"\b(?:un|una|unos|unas|el|la|los|las)\b",
    "vi": r"\b(?:của|là|cái|chiếc|những)\b",
    "de": r"\b(?:ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    # MLQA takes the letters out wherever they stand, inside a word too.
    "ar": "ال",
}
_ARTICLES = {language: re.compile(pattern) for language, pattern in _MLQA_ARTICLES.items()}
_CHINESE_CHARACTER = re.compile("([\u4e00-\u9fa5])")
_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)


class _UnicodePunctuation(dict[int, int | None]):
    """Table for `str.translate`, filled on demand: to look at all of Unicode first costs 0.2 s."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        punctuation = character in string.punctuation or unicodedata.category(character)[0] == "P"
        self[code] = None if punctuation else code
        return self[code]


_UNICODE_PUNCTUATION = _UnicodePunctuation()


def squad_tokens(text: str) -> Tokens:
    """Words of `text` in lower case, without ASCII punctuation and English articles."""
    return _ARTICLES["en"].sub(" ", text.lower().translate(_ASCII_PUNCTUATION)).split()


def mlqa_tokens(text: str, language: str) -> Tokens:
    """Words of `text` as MLQA cuts them; languages MLQA lacks: cut at blanks, no articles."""
    text = text.lower().translate(_UNICODE_PUNCTUATION)
    if language in _ARTICLES:
        text = _ARTICLES[language].sub(" ", text)
    if language == "zh":
        text = _CHINESE_CHARACTER.sub(r" \1 ", text)
    return text.split()


def _exact(prediction: Tokens, gold: Tokens) -> float:
    return float(prediction == gold)


def _overlap(prediction: Tokens, gold: Tokens) -> float:
    same = sum((Counter(prediction) & Counter(gold)).values())
    return 2 * same / (len(prediction) + len(gold)) if same else 0.0


def _overlap_or_both_empty(prediction: Tokens, gold: Tokens) -> float:
    return _overlap(prediction, gold) if prediction and gold else _exact(prediction, gold)


def _squad(compare: Callable, prediction: str, golds: Sequence[str]) -> float:
    answers = [tokens for tokens in map(squad_tokens, golds) if tokens]
    words = squad_tokens(prediction)
    return max(compare(words, answer) for answer in answers or [[]])


def _mlqa(compare: Callable, prediction: str, golds: Sequence[str], language: str) -> float:
    words = mlqa_tokens(prediction, language)
    return max((compare(words, mlqa_tokens(gold, language)) for gold in golds), default=0.0)


def answer_f1(prediction: str, golds: Sequence[str], language: str) -> float:
    """Word overlap (0-1) with the nearest of `golds`; no golds: 1 if nothing is predicted."""
    return _squad(_overlap_or_both_empty, prediction, golds)


def answer_exact(prediction: str, golds: Sequence[str], language: str) -> float:
    """1 if the words equal those of one of `golds`; no golds: 1 if nothing is predicted."""
    return _squad(_exact, prediction, golds)


def mlqa_f1(prediction: str, golds: Sequence[str], language: str) -> float:
    """Word overlap (0-1) with the nearest of `golds` under MLQA's normalisation for `language`."""
    return _mlqa(_overlap, prediction, golds, language)


def mlqa_exact(prediction: str, golds: Sequence[str], language: str) -> float:
    """1 if the words equal those of one of `golds` under MLQA's normalisation for `language`."""
    return _mlqa(_exact, prediction, golds, language)
