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
        help="grouping factors with a random intercept each; a:b is the combination of a and b, "
        "a/b is a and a:b",
    )
    parser.add_argument(
        "--slope",
        nargs="+",
        action="extend",
        default=[],
        metavar="X|FACTOR",
        help="random slopes: 'x|g' is (0 + x | g); '1 + x|g' has a correlated intercept, "
        "'1 + x||g' an uncorrelated one; x may be text",
    )
    parser.add_argument(
        "--weights", metavar="COLUMN", help="a row's residual variance goes with 1 / its weight"
    )
    parser.add_argument(
        "--against",
        metavar="FORMULA",
        help="fixed effects of a smaller model, for a likelihood-ratio test",
    )
    parser.add_argument(
        "--ml", action="store_true", help="maximum likelihood in place of restricted (REML)"
    )
    parser.add_argument(
        "--fitted",
        type=Path,
        metavar="FILE",
        help="TSV of the complete rows' fixed part, fitted value and residual",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="JSON (default: print it)")


def run(arguments: argparse.Namespace) -> None:
    """Raises ModelError for every mistake in the arguments or in the table."""
    from .model_frame import Model, prepare
    from .report import describe, fit_rows, fitted_table
    from .table_input import read_table

    for path in (arguments.output, arguments.fitted):
        if path and not path.absolute().parent.is_dir():
            raise ModelError(f"cannot write {path}: its folder does not exist; make it first")
    model = Model(
        response=arguments.response,
        fixed=arguments.fixed,
        random=tuple(arguments.random),
        slopes=tuple(arguments.slope),
        reml=not arguments.ml,
        weights=arguments.weights,
        against=arguments.against,
    )
    rows = prepare(read_table(arguments.table), model)
    for sentence in rows.warnings:
        print(f"warning: {sentence}", file=sys.stderr)
    fitted = fit_rows(rows, reml=model.reml)
    description = describe(model, rows, fitted)
    _put(
        arguments.output,
        json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
    )
    if arguments.fitted:
        _put(arguments.fitted, fitted_table(rows, fitted).to_csv(sep="\t", index=False))


def _put(output: Path | None, text: str) -> None:
    """Into a file, or onto standard output."""
    try:
        if output is None:
            print(text, end="", flush=True)
        else:
            _write(output, text)
    except OSError as error:
        if output is None:
            # What is left in the buffer is not tried again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ModelError(f"cannot write {output or 'the result'}: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    """The file appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
