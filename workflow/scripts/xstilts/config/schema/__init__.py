"""The typed config of a study and its task sheets, a class per section.

What a key may hold, what it means and what holds where it is left out is said here and nowhere
else: workflow/schemas and config/README.md are written from it (`xstilts.config.describe`).
"""
