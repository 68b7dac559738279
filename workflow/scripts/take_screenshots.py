"""Rule take_screenshots: the page as a browser shows it, for the README."""

from pathlib import Path

from xstilts.jobs.scripting import run_script

# What is seen first, on a desk and on a phone, and two sections.
VIEWS = {"answer": ("", (1040, 900)), "phone": ("", (390, 844)), "gains": ("gains", (1040, 1000)),
         "scores": ("scores", (1040, 620))}  # fmt: skip


def main(snakemake):
    from xstilts.report.screenshots import take

    for name, (anchor, size) in VIEWS.items():
        take(Path(snakemake.input.page), anchor, size, Path(snakemake.output[name]))


run_script(main, snakemake)
