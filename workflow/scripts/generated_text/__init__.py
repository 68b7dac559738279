"""Generated data for the demo study: all eighteen tasks, ten languages, no download."""

from generated_text.errors import GrammarError
from generated_text.generate import generate
from generated_text.lexicon import LANGUAGES

__all__ = ["LANGUAGES", "GrammarError", "generate"]
