"""Linear mixed models with crossed random effects, of any table: see README.md beside this file."""
