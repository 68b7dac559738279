"""Rule write_languages: what is known of languages, for the encoder of the study."""

from pathlib import Path

from xstilts.jobs.scripting import run_script, tell


def main(snakemake):
    from xstilts.core.tsv import rows_of, write_tsv
    from xstilts.inference.languages import languages_table, pretraining_table, study_languages

    files, params = snakemake.input, snakemake.params
    seen = pretraining_table(Path(files.pretraining[0])) if files.pretraining else None
    table, problems = study_languages(languages_table(Path(files.facts)), params.codes, seen)
    tell(problems)
    write_tsv(Path(snakemake.output.languages), *rows_of(table), numbers=".10g")
    lines = "".join(f"{line}\n" for line in problems)
    Path(snakemake.output.problems).write_text(lines, encoding="utf-8")


run_script(main, snakemake)
