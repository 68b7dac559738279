"""Rule take_screenshots: the page as a browser shows it, for the README."""

from pathlib import Path

from xstilts.jobs.scripting import run_script

VIEWS = {"gains": ("gains", (1040, 860)), "scores": ("scores", (1040, 760)),
         "phone": ("gains", (390, 844))}  # fmt: skip


def main(snakemake):
    from xstilts.report.screenshots import take

    for name, (place, size) in VIEWS.items():
        take(Path(snakemake.input.page), place, size, Path(snakemake.output[name]))


run_script(main, snakemake)
