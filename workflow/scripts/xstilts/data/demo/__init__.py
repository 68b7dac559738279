"""Generated data for the demo study: all eighteen tasks, ten languages, no download."""

from xstilts.data.demo.generate import generate
from xstilts.data.demo.lexicon import LANGUAGES

__all__ = ["LANGUAGES", "generate"]
