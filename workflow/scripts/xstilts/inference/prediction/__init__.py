"""Gains of what was not run: expectations, and intervals that hold for new groups."""
