"""Methods of single kinds that are long enough for files of their own."""
