"""The ground floor: config, grid, recipes, receipts. Imports nothing heavy."""

from xstilts.core.errors import StudyError

__all__ = ["StudyError"]
