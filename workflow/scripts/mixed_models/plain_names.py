"""Formulas over columns of any name: rewritten with plain names for formulaic, and back.

formulaic takes the names of its functions (C, I, np, log, scale, poly ...) for these wherever they
stand, and a dot for Python's. So it sees neither the user's names nor the user's table.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from formulaic.transforms import TRANSFORMS

TOKEN = re.compile(
    r"""(?P<quoted>`[^`]*`) | (?P<text>"[^"]*"|'[^']*') | (?P<operator>%in%)
      | (?P<number>\d[\w.]*) | (?P<name>[^\W\d][\w.]*) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
CONSTANTS = frozenset({"True", "False", "None"})
CALL = re.compile(r"\s*\(")
# formulaic's Q("name") is the column of that name.
QUOTED = re.compile(r"(?<![\w.])Q\s*\(\s*$")
KEYWORD = re.compile(r"\s*=(?!=)")
# What formulaic knows beside its own functions.
MODULES = frozenset({"np"})


@dataclass(frozen=True)
class PlainFormula:
    """A formula in plain names; `names` gives the column of each.

    `unknown` are names that are no column, `functions` those that are called and not known.
    """

    text: str
    original: str
    names: Mapping[str, str]
    unknown: tuple[str, ...]
    functions: tuple[str, ...]

    def restored(self, text: str) -> str:
        """A term or message in the user's names."""
        if not self.names:
            return text
        any_name = re.compile("|".join(map(re.escape, self.names)))
        restored = any_name.sub(lambda match: self._name(match), text)
        powers = "^" in self.original and "**" not in self.original
        return re.sub(r" *\*\* *", "^", restored) if powers else restored

    def _name(self, match: re.Match) -> str:
        """In backticks within functions, where the name would else be hard to see."""
        name = self.names[match[0]]
        within = match.string.count("(", 0, match.start()) > match.string.count(
            ")", 0, match.start()
        )
        return f"`{name}`" if within and not re.fullmatch(r"[^\W\d][\w.]*", name) else name


def plain_formula(text: str, columns: Iterable[str], texts: Iterable[str] = ()) -> PlainFormula:
    """Rewrites a formula; `texts` are all other strings that may stand in formulaic's output."""
    columns = set(columns)
    prefix = _unused_prefix([text, *columns, *texts])
    plain: dict[str, str] = {}
    unknown, functions, written = [], [], []
    # For each open parenthesis whether it is a function's, where ^ is a power, as in R.
    calls: list[bool] = []
    for match in TOKEN.finditer(text):
        word, rest = match[0], text[match.end() :]
        name = word[1:-1] if match.lastgroup == "quoted" else word
        is_name = match.lastgroup == "quoted" or (
            match.lastgroup == "name" and not KEYWORD.match(rest)
        )
        if match.lastgroup == "name" and CALL.match(rest):
            functions += [word] * (word.partition(".")[0] not in {*TRANSFORMS, *MODULES})
        elif (
            match.lastgroup == "text"
            and word[1:-1] in columns
            and QUOTED.search(text[: match.start()])
        ):
            word = f'"{plain.setdefault(word[1:-1], f"{prefix}{len(plain)}_")}"'
        elif is_name and name in columns:
            word = plain.setdefault(name, f"{prefix}{len(plain)}_")
        elif is_name and word not in CONSTANTS and word.partition(".")[0] not in MODULES:
            unknown.append(name)
        elif word == "(":
            calls.append(bool(re.search(r"[\w.]\s*$", text[: match.start()])))
        elif word == ")" and calls:
            calls.pop()
        elif word == "^" and any(calls):
            word = "**"
        written.append(word)
    names = {short: name for name, short in plain.items()}
    return PlainFormula("".join(written), text, names, tuple(unknown), tuple(functions))


def _unused_prefix(texts: Iterable[str]) -> str:
    joined, prefix = "\n".join(texts), "column"
    while prefix in joined:
        prefix += "x"
    return prefix
