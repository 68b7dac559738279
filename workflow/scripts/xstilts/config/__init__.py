"""The typed config of a study and its task sheets. Decides no number: never in a digest."""
