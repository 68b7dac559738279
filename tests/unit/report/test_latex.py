"""Tables as LaTeX: their text, their bold, and that TeX takes them."""

import dataclasses
import re
import shutil
import subprocess

import pytest

from xstilts.report import exports, latex
from xstilts.report.html_table import Cell, Table

DOCUMENT = r"""\documentclass{{article}}
\usepackage{{booktabs}}
\pdfpagewidth=60cm \hsize=55cm \textwidth=55cm \linewidth=55cm
\begin{{document}}
{parts}
\end{{document}}
"""


def test_words_are_escaped_and_signs_are_latexs():
    table = Table(
        "c", ["a_b\nF1", "n"], [[Cell("50 % & more"), Cell("−1.0 †\n[−2.0, +0.1]", "best")]]
    )
    text = latex.document_part(table, "In 95 % of it.", "mine")
    assert r"\caption{In 95 \% of it.}" in text and r"\label{tab:mine}" in text
    assert r"50 \% \& more" in text and r"\textbf{$-$1.0 \dag{}}" in text
    assert r"{\scriptsize [$-$2.0, +0.1]}" in text and r"a\_b" in text
    for rule in ("toprule", "midrule", "bottomrule"):
        assert text.count(rf"\{rule}") == 1
    assert r"\begin{tabular}{lr}" in text


def test_the_papers_tables_are_the_pages(full_inputs):
    text = latex.document_part(exports.printed("gains", full_inputs), "c", "gains")
    dyad = full_inputs.dyads.set_index(["intermediate", "target"]).loc[("anli", "xnli")]
    shown = latex.escaped(f"{dyad['gain']:+.1f}".replace("-", "−"))
    assert dyad["excludes_zero"] and rf"ANLI & \textbf{{{shown}}}" in text
    # What did not learn is marked and not bold.
    (row,) = re.findall(r"HellaSwag & .*", text)
    assert row.count(r"\dag{}") == 9 and r"\textbf" not in row
    assert text.count(r"\scriptsize") == len(full_inputs.dyads)


def test_tex_takes_every_table(full_inputs, tmp_path):
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("pdflatex is not installed (Debian: texlive-latex-recommended)")
    # A study without inference has tables without rows, and TeX takes them too.
    studies = (full_inputs, dataclasses.replace(full_inputs, inference={}, scores=None))
    parts = [
        latex.document_part(exports.printed(name, study), full_inputs.captions[name], name)
        for study in studies
        for name in exports.PAPER_TABLES
    ]
    (tmp_path / "all.tex").write_text(DOCUMENT.format(parts="\n".join(parts)), encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout[-1500:]
    assert "Overfull" not in ended.stdout and "Missing character" not in ended.stdout
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
