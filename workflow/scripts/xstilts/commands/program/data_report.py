"""Which data of a study are there, from where, under which licence, and what is missing.

A line per file goes into results/studies/<study>/data_report.tsv.
"""

import argparse

from xstilts.commands.study_options import REPOSITORY, add_study_arguments, chosen_study

SUMMARY = "which data are there, what is missing, licences"
add_arguments = add_study_arguments


def run(arguments: argparse.Namespace) -> None:
    """Print the report."""
    from xstilts.commands.data_report import look, read_sizes, report, write_table
    from xstilts.commands.inventory import inventory

    study = chosen_study(arguments).study
    rows = look(inventory(study), read_sizes(REPOSITORY / "resources" / "data_sizes.tsv"))
    table = study.tables / "data_report.tsv"
    write_table(rows, table)
    print(report(rows), f"\nRow by row: {table}", sep="\n")
