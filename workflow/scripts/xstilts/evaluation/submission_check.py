"""What XTREME would not take of a submission."""

import json
from collections.abc import Generator, Iterator
from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.evaluation.submission_formats import FORMATS, Format

OTHER_SIZE = "XTREME's test set has"


def problems_of(folder: Path) -> list[str]:
    """A sentence for each missing, superfluous or faulty file of the submission in `folder`.

    Raises:
        StudyError: there is no such folder.
    """
    if not folder.is_dir():
        raise StudyError(f"There is no folder {folder}; give one that holds {_folders()}.")
    problems = list(_problems(folder))
    other = sum(OTHER_SIZE in problem for problem in problems)
    sized = [form for form in FORMATS.values() if form.examples]
    files = sum((folder / form.file(code)).is_file() for form in sized for code in form.languages)
    if other > files / 2:
        return [
            f"*: these are no predictions on XTREME's test sets: of {files} files of "
            f"known size {other} hold other numbers of examples, as those of "
            "generated or limited data do.",
            *problems,
        ]
    return problems


def _folders() -> str:
    return ", ".join(form.folder for form in FORMATS.values())


def _problems(folder: Path) -> Iterator[str]:
    known = {form.folder: form for form in FORMATS.values()}
    for path in sorted(folder.iterdir()):
        if path.name not in known or not path.is_dir():
            yield f"{path.name}: is not a task of XTREME; the folders are {_folders()}."
    for name, form in known.items():
        if not (folder / name).is_dir():
            yield f"{name}: the folder is missing."
            continue
        expected = {Path(form.file(language)).name for language in form.languages}
        present = {path.name for path in (folder / name).iterdir()}
        for file in sorted(present - expected):
            yield f"{name}/{file}: XTREME has no such file; its names are like {min(expected)}."
        missing = sorted(expected - present)
        if missing:
            yield f"{name}: {len(missing)} files are missing: {', '.join(missing)}."
        for language in form.languages:
            path = folder / form.file(language)
            if path.is_file():
                yield from (f"{form.file(language)}: {fault}" for fault in _faults(path, form))


def _faults(path: Path, form: Format) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield f"cannot be read as UTF-8 text ({error})."
        return
    count: int | None
    if form.kind == "answers":
        count = yield from _faults_of_answers(text)
    else:
        lines = text.split("\n")
        lines = lines[:-1] if lines[-1] == "" else lines
        if not lines and form.kind != "pairs":
            yield "is empty."
            return
        for number, line in enumerate(lines, start=1):
            if fault := _fault_of_line(line, form, path.stem.removeprefix("test-"), len(lines)):
                yield f"line {number}: {fault}"
                break  # one says what is wrong; thousands like it say no more
        if form.kind == "pairs" and len(set(lines)) < len(lines):
            yield "holds a pair twice."
        count = len(lines)
    if form.examples and count is not None and count != form.examples:
        yield f"holds {count} examples; {OTHER_SIZE} {form.examples}."


def _fault_of_line(line: str, form: Format, language: str, lines: int) -> str | None:
    if form.kind == "pairs":
        ids = line.split("\t")
        if len(ids) != 2 or not (ids[0].startswith(f"{language}-") and ids[1].startswith("en-")):
            return f"'{line}' is not a {language} id and an en id with a tab between."
        return None
    if form.kind == "places":
        if not line.isascii() or not line.isdigit() or int(line) >= lines:
            return f"'{line}' is not the row of a sentence, 0 to {lines - 1}."
        return None
    if line not in form.values and not (form.kind == "tags" and not line):
        return f"'{line}' is none of {', '.join(form.values)}."
    return None


def _faults_of_answers(text: str) -> Generator[str, None, int | None]:
    """Yields faults; returns the number of answers, None where they cannot be counted."""
    try:
        answers = json.loads(text)
    except ValueError as error:
        yield f"is no JSON ({error})."
        return None
    if not isinstance(answers, dict) or not answers:
        yield "is not a JSON object of ids and answers."
        return None
    wrong = [identifier for identifier, answer in answers.items() if not isinstance(answer, str)]
    if wrong:
        yield f"the answer to {wrong[0]} is not text."
    return len(answers)
