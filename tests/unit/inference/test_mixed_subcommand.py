"""The mixed models of any table, reached through the workflow's own command."""

import json
from pathlib import Path

import pytest

from mixed_models.__main__ import main as standalone
from xstilts.inference.__main__ import main

TABLE = Path(__file__).resolve().parents[2] / "data" / "mixed" / "missing_dyads.csv"
WORDS = [str(TABLE), "--response", "gain", "--fixed", "similarity", "--random", "intermediate"]


def test_both_commands_say_the_same(capsys):
    assert main(["mixed", *WORDS, "target"]) == 0
    ours = capsys.readouterr().out
    assert standalone([*WORDS, "target"]) == 0
    assert capsys.readouterr().out == ours
    assert json.loads(ours)["n"] == 67


def test_a_mistake_is_one_sentence_of_the_workflow(capsys):
    assert main(["mixed", *WORDS, "targte"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "xstilts: the table has no column 'targte'; did you mean 'target'?\n"


def test_help_names_the_program_that_was_called(capsys):
    with pytest.raises(SystemExit):
        main(["mixed", "--help"])
    assert "python -m xstilts.inference mixed gains.csv --response" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        standalone(["--help"])
    assert "python -m mixed_models gains.csv --response" in capsys.readouterr().out
