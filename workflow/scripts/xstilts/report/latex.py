"""A table of the page as LaTeX, for a paper; its document needs the package booktabs alone."""

from xstilts.report.html_table import Cell, Table

SMALL = 16  # letters of a head's second line beyond which it stands in the caption
WRAPPED = 34  # letters of a column beyond which its lines are broken
WIDTH = "0.24\\linewidth"

ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
        "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "−": "$-$", "–": "--", "—": "---",
        "→": r"$\rightarrow$", "†": r"\dag{}", "±": r"$\pm$", "×": r"$\times$", "²": r"$^2$",
        "·": r"$\cdot$", "…": r"\ldots{}", "“": "``", "”": "''", "’": "'", "\u00a0": "~",
    }
)  # fmt: skip


def document_part(table: Table, caption: str, label: str) -> str:
    """The table as a float with its caption; bold where the page is bold.

    Columns of words are set flush left, broken where they are long; numbers flush right. A cell's
    second line stands below its first in small type; long units stand in the caption.
    """
    heads, said = _heads(table.head)
    columns_at = range(len(table.head))
    columns = "".join(_column(table, number) for number in columns_at)
    lines = [
        r"\begin{table}", r"\centering", r"\small", rf"\caption{{{escaped(caption + said)}}}",
        rf"\label{{tab:{label}}}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule",
        _row(heads), r"\midrule",
        *(_row(cells) for cells in table.rows), r"\bottomrule", r"\end{tabular}", r"\end{table}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _heads(names: list[str]) -> tuple[list[Cell], str]:
    """The heads, and in words the units that have no room in them."""
    cells: list[Cell] = []
    units: dict[str, list[str]] = {}
    for name in names:
        first, _, second = name.partition("\n")
        if len(second) > SMALL:
            units.setdefault(second, []).append(first)
        cells.append(Cell(first if len(second) > SMALL else name))
    said = (f" In {unit}: {', '.join(columns)}." for unit, columns in units.items())
    return cells, "".join(said)


def escaped(text: str) -> str:
    """Any text as LaTeX writes it."""
    return text.translate(ESCAPED)


def _column(table: Table, number: int) -> str:
    if number not in table.words:
        return "r"
    longest = max((len(cells[number].text) for cells in table.rows), default=0)
    return f"p{{{WIDTH}}}" if longest > WRAPPED else "l"


def _row(cells: list[Cell]) -> str:
    """A row, and below it one of what stands on its cells' second lines, if any does."""
    parts = [cell.text.split("\n") for cell in cells]
    bold = ["best" in cell.kind.split() for cell in cells]
    first = [
        rf"\textbf{{{escaped(lines[0])}}}" if strong else escaped(lines[0])
        for lines, strong in zip(parts, bold, strict=True)
    ]
    rows = [" & ".join(first) + r" \\"]
    if any(len(lines) > 1 for lines in parts):
        below = [escaped(" ".join(lines[1:])) for lines in parts]
        small = (rf"{{\scriptsize {text}}}" if text else "" for text in below)
        rows.append(" & ".join(small) + r" \\")
    return "\n".join(rows)
