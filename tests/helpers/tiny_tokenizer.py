"""A tiny tokenizer with the template of XLM-R."""

import string

from tokenizers import Tokenizer, models, pre_tokenizers, processors

LETTERS = (
    string.ascii_letters
    + string.digits
    + ".,?!'-"
    + "мирвойнаПетяоелшддмдтсук"
    + "中国人民银行"
    + "ñéèếệ"
)
PIECES = ("▁the", "ing", "▁an", "er", "▁▁", "ом", "中国")


def tiny_tokenizer() -> Tokenizer:
    """Nearly one token per letter, `<s> A </s></s> B </s>`; other scripts become `<unk>`."""
    scores = {"<unk>": 0.0, "<s>": 0.0, "</s>": 0.0, "▁": -3.0}
    scores |= dict.fromkeys(LETTERS, -4.0) | dict.fromkeys(PIECES, -5.0)
    made = Tokenizer(models.Unigram(list(scores.items()), unk_id=0))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 1), ("</s>", 2)],
    )
    return made
