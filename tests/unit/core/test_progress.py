"""What a training job says of itself while it runs."""

import json

import pytest

from xstilts.core import progress
from xstilts.core.progress import FILE, Teller, standings


@pytest.fixture
def clock(monkeypatch):
    """`clock.now` is the time, in seconds."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr(progress.time, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(progress.time, "time", lambda: Clock.now)
    return Clock


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "scratch" / "mnli-seed1-0123456789ab"
    folder.mkdir(parents=True)
    return folder


def told(scratch):
    return json.loads((scratch / FILE).read_text())


def test_pace_and_time_left_by_hand(clock, scratch, capsys):
    teller = Teller(scratch, steps=100)
    # Goes on from a checkpoint at step 20: the pace is of this process alone.
    teller.tell(20, 2000, [2.0], 30.0)
    clock.now += 10
    teller.tell(40, 6000, [2.0, 1.5], 40.0)
    found = told(scratch)
    assert (found["step"], found["steps"], found["loss"]) == (40, 100, 1.5)
    assert found["tokens_per_second"] == 400 and found["seconds_left"] == 30
    line = "step 40 of 100, loss 1.500, dev score 40.0, 400 tokens/s, 30 s left"
    assert capsys.readouterr().out == line
    clock.now += 10
    teller.tell(60, 9000, [2.0, 1.5], 40.0)
    teller.end()
    assert capsys.readouterr().out.startswith("\rstep 60 of 100")


def test_a_moment_later_nothing_is_said(clock, scratch, capsys):
    teller = Teller(scratch, steps=10)
    teller.tell(1, 5, [1.0], None)
    clock.now += 4.9
    teller.tell(2, 9, [1.0], None)
    assert capsys.readouterr().out == "" and not (scratch / FILE).exists()
    clock.now += 0.2
    teller.tell(3, 12, [1.0], None)
    assert told(scratch)["step"] == 3


def test_the_dead_and_the_ended_do_not_stand_anywhere(clock, scratch):
    teller = Teller(scratch, steps=10)
    teller.tell(0, 0, [], None)
    clock.now += 6
    teller.tell(1, 5, [1.0], None)
    (standing,) = standings()
    assert standing.run == scratch.name
    clock.now += 601
    assert list(standings()) == []
    teller.end()
    assert list(standings(now=0)) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"run": 1}', "\x00"])
def test_a_damaged_file_is_nobodys_standing(scratch, content):
    (scratch / FILE).write_text(content)
    assert list(standings()) == []


def test_a_folder_that_is_gone_ends_no_training(clock, scratch, capsys):
    teller = Teller(scratch, steps=10)
    teller.tell(0, 0, [], None)
    scratch.rmdir()
    clock.now += 6
    teller.tell(1, 5, [float("nan")], None)
    teller.end()
    assert "step 1 of 10" in capsys.readouterr().out
