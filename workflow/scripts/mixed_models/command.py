r"""Fit a linear mixed model with crossed random effects to a CSV, TSV or Parquet table.

  %(prog)s gains.csv --response gain \
      --fixed "similarity * low_resource" \
      --random intermediate target language intermediate:target target:language \
      --slope "low_resource|intermediate:target" --output fit.json

Fixed effects are tested with Kenward and Roger's degrees of freedom and adjusted standard errors
(under --ml with Satterthwaite's), and the fit is compared with statsmodels'.
"""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

from .errors import ModelError

SUMMARY = "fit a linear mixed model with crossed random effects to a table"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `mixed`."""
    parser.add_argument("table", type=Path, help="CSV, TSV or Parquet table with a header")
    parser.add_argument("--response", required=True, help="the column to be explained")
    parser.add_argument(
        "--fixed",
        default="1",
        metavar="FORMULA",
        help="right-hand side of a Wilkinson formula, names with blanks in backticks; "
        "text predictors are compared with their first level in sort order (default: 1)",
    )
    parser.add_argument(
        "--random",
        nargs="+",
        default=[],
        metavar="FACTOR",
        help="grouping factors with a random intercept each; a:b is the combination of a and b",
    )
    parser.add_argument(
        "--slope",
        nargs="+",
        action="extend",
        default=[],
        metavar="X|FACTOR",
        help="uncorrelated random slopes (0 + x | factor)",
    )
    parser.add_argument(
        "--ml", action="store_true", help="maximum likelihood in place of restricted (REML)"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="JSON (default: print it)")


def run(arguments: argparse.Namespace) -> None:
    """Raises ModelError for every mistake in the arguments or in the table."""
    from .report import Model, report
    from .table_input import read_table

    if arguments.output and not arguments.output.absolute().parent.is_dir():
        raise ModelError(
            f"cannot write {arguments.output}: its folder does not exist; make it first"
        )
    model = Model(
        response=arguments.response,
        fixed=arguments.fixed,
        random=tuple(arguments.random),
        slopes=tuple(arguments.slope),
        reml=not arguments.ml,
    )
    found = report(read_table(arguments.table), model)
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        if arguments.output is None:
            print(text, end="", flush=True)
        else:
            _write(arguments.output, text)
    except OSError as error:
        if arguments.output is None:
            # What is left in the buffer is not tried again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ModelError(
            f"cannot write {arguments.output or 'the result'}: {error.strerror}"
        ) from None


def _write(path: Path, text: str) -> None:
    """The file appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
