"""Subcommands of `xstilts`, a file each: SUMMARY, `add_arguments(parser)` and `run(arguments)`.

They import nothing slow before they run.
"""
