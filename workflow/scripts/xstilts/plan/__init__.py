"""From a config to recipes: which runs a study needs, and their names. Imports nothing heavy."""
