"""The ground floor: config, grid, recipes, receipts. Imports nothing heavy."""

from xstilts.study.errors import StudyError

__all__ = ["StudyError"]
