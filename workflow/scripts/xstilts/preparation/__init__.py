"""From published files to prepared examples: what decides which rows and tokens a task has."""
