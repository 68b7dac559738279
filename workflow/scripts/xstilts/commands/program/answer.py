"""Does similarity predict gain in a table of transfer of one's own?

    xstilts answer TABLE --similarity SIMILARITY --output FOLDER

TABLE (.csv, .tsv, .parquet) has a row per source and target (, language, seed) with a score or a
gain; columns of other names are named by --column, as in `--column score=affinity`. The folder gets
inference.json, the tables and answer.html, a page of them that needs no network.
"""

import argparse

from xstilts.inference import answer_command

SUMMARY = answer_command.SUMMARY
add_arguments = answer_command.add_arguments


def run(arguments: argparse.Namespace) -> None:
    """Answers, writes the page, and prints the answer with its limits and problems.

    Raises:
        StudyError: the table or an option is not as it must be.
    """
    result = answer_command.answered(arguments)

    from xstilts.core.files import write_text
    from xstilts.inference.languages import TABLE, languages_table
    from xstilts.inference.tables import inference_tables
    from xstilts.report.answer_page import answer_inputs, render_answer

    page = arguments.output / "answer.html"
    title, languages = arguments.table.name, languages_table(TABLE)
    inputs = answer_inputs(result.tables, result.summary, title, inference_tables(), languages)
    write_text(page, render_answer(inputs))
    answer_command.say(result)
    print(f"Page: {page}")
