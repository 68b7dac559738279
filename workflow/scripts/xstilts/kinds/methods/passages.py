"""Passages by the sentence, as translation models take them."""

import re

# A sentence keeps the quotes and brackets that close after its last mark.
END = re.compile(r"(?<=[.!?])([\"')\]]*)\s+(?=[\"'(\[]?[A-Z0-9])")


def spans(text: str, keep: tuple[int, int] | None = None) -> list[tuple[int, int]]:
    """First and past-the-last character of each sentence of an English `text`.

    A sentence is not ended inside `keep`, the place of an answer.
    """
    ends = [(match.end(1), match.end()) for match in END.finditer(text)]
    if keep is not None:
        ends = [(a, b) for a, b in ends if b <= keep[0] or a >= keep[1]]
    starts = [0, *(b for _, b in ends)]
    stops = [*(a for a, _ in ends), len(text)]
    return [(a, b) for a, b in zip(starts, stops, strict=True) if text[a:b].strip()]
