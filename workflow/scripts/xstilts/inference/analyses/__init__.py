"""One analysis a module, from tables of gains and similarity to rows of a table."""
