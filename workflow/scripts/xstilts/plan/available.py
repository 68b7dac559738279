"""What of a config the data allow: languages, intermediate tasks and target tasks."""

from pathlib import Path

from xstilts.config.sheets import Sheet
from xstilts.config.study_config import Config
from xstilts.config.variants import MLM, TRANSLATED, plain, task_and_variant
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import source_language
from xstilts.plan import data_files
from xstilts.plan.mlm_text import text_languages
from xstilts.plan.translations import find_translations


class Available:
    """The part of a study that can run.

    Attributes:
        languages: test languages by target task.
        intermediate_tasks, target_tasks: those of the config that have their data.
        variants: rows `<task>+<variant>` that have theirs.
        translations: languages of the training data by `+translated` row.
        machine: those of these rows whose data are yet to be translated.
        text_languages: languages of the text of `+mlm` rows.
        problems: sentences on what is left out and what to do about it.
    """

    def __init__(self, config: Config, sheets: dict[str, Sheet], root: Path) -> None:
        """Look for the data of `config` under the repository `root`.

        Raises:
            StudyError: a language that was asked for is not there, or no target can run.
        """
        self.config, self.sheets, self.root = config, sheets, root
        self.problems: list[str] = []
        self.languages = self._test_languages()
        self.intermediate_tasks = [
            task
            for task in config["intermediate_tasks"]
            if task == plain(task) and self._trainable(task, task)
        ]
        self.target_tasks = [task for task in config["target_tasks"] if self._reachable(task)]
        if not self.target_tasks:
            raise StudyError(f"nothing can run: {' '.join(self.problems)}")
        self.text_languages: list[str] = []
        self.translations: dict[str, list[str]] = {}
        self.machine: set[str] = set()
        self.variants = [row for row in config["intermediate_tasks"] if self._varied(row)]

    def _test_languages(self) -> dict[str, list[str]]:
        def languages_of(config: Config) -> dict[str, list[str]]:
            return {
                task: data_files.test_languages(task, self.sheets[task], config, self.root)
                for task in config["target_tasks"]
            }

        languages = languages_of(self.config)
        wanted = self.config["languages"]
        for language in [] if wanted == "all" else wanted:
            if not any(language in codes for codes in languages.values()):
                every = languages_of({**self.config, "languages": "all"}).values()
                raise StudyError(
                    f"config, key 'languages': no target task has data in '{language}'; "
                    f"{nearest(language, {code for codes in every for code in codes})}"
                )
        return languages

    def _trainable(self, task: str, training_set: str, *splits: str) -> bool:
        sheet = self.sheets[training_set]
        held_out, language = sheet["held_out"] or {}, source_language(training_set)
        for split in splits or ("train", "dev"):
            if split != held_out.get("split") and not data_files.has_data(
                sheet, split, language, self.config
            ):
                missing = data_files.missing_files(sheet, split, language, self.config)
                self.problems.append(
                    f"{task} is left out: put {missing} into {data_files.data_folder(self.config)}."
                )
                return False
        return True

    def _varied(self, row: str) -> bool:
        task, variant = task_and_variant(row)
        if task != plain(row):
            return self._trainable(row, row)
        if variant == MLM:
            return self._trainable(row, task) and self._has_text(row)
        return variant == TRANSLATED and self._has_translations(row)

    def _has_text(self, row: str) -> bool:
        if not self.text_languages:
            targets = {code for codes in self.languages.values() for code in codes}
            self.text_languages, lack = text_languages(self.config, self.root, targets)
            if lack:
                self.problems.append(f"{row} is left out: {lack}.")
        return bool(self.text_languages)

    def _has_translations(self, row: str) -> bool:
        if not self._trainable(row, row, "dev"):
            return False
        targets = {code for codes in self.languages.values() for code in codes}
        translations = find_translations(row, self.sheets[row], targets, self.config)
        if translations.machine and not self._trainable(row, plain(row)):
            return False
        if not translations.languages:
            self.problems.append(f"{row} is left out: {translations.lack}.")
            return False
        self.translations[row] = translations.languages
        if translations.machine:
            self.machine.add(row)
        return True

    def _reachable(self, task: str) -> bool:
        training_set = self.sheets[task]["training_set"]
        if not self.languages[task]:
            self.problems.append(f"{task} is left out: {self._lack_of_languages(task)}.")
            return False
        return training_set is None or self._trainable(task, training_set)

    def _lack_of_languages(self, task: str) -> str:
        sheet, wanted = self.sheets[task], self.config["languages"]
        for language in data_files.possible_languages(sheet, self.config, self.root):
            if wanted == "all" or language in wanted:
                files = data_files.missing_files(sheet, "test", language, self.config)
                return (
                    "no language has test data; put those of one or more languages, for example "
                    f"{files}, into {data_files.data_folder(self.config)}"
                )
        return f"it has none of the languages {', '.join(wanted)}"
