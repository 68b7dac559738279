"""Figures, tables and the page. Stands on tables alone: no training, no torch."""
