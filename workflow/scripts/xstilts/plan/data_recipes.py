"""Runs that every fine-tune reads: the encoder, prepared data, activations of frozen layers."""

from collections.abc import Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from xstilts.config.sheets import Sheet, respellings
from xstilts.config.study_config import Config, limits_of, training_settings
from xstilts.config.variants import plain
from xstilts.core.files import DIGESTS
from xstilts.core.naming import source_language
from xstilts.core.paths import MLM_TEXT
from xstilts.encoders.sources import EncoderSource, encoder_source_of
from xstilts.kinds import kind_of
from xstilts.plan import data_files
from xstilts.plan.available import Available
from xstilts.plan.machine_translation import MachineTranslations
from xstilts.plan.mlm_text import PLAIN_TEXT, text_part
from xstilts.plan.recipes import Run
from xstilts.plan.revisions import Revisions, read_lock
from xstilts.plan.shared_texts import apart_from
from xstilts.plan.stage_code import StageCode
from xstilts.plan.stage_recipes import (
    ABSENT,
    ActivationsRecipe,
    DataRecipe,
    EncoderRecipe,
    TextRecipe,
)
from xstilts.plan.wider_data import WiderData
from xstilts.sources import Source, Stock, source_of


def _parts_of(apart: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Parts of test sets that a training set is kept apart from, under names that no split has."""
    return {f"test of {task}": test_set["parts"] for task, test_set in apart.items()}


class DataRecipes:
    """Recipes of all that is made before any training."""

    def __init__(
        self,
        config: Config,
        sheets: dict[str, Sheet],
        root: Path,
        available: Available,
        code: StageCode,
        wider: WiderData,
    ) -> None:
        """`available` knows the languages of all data, `root` is the repository.

        `wider` knows what is prepared in more languages already.
        """
        self.config, self.sheets, self.root = config, sheets, root
        self.available, self.languages, self.code = available, available.languages, code
        self.files = data_files.FileDigests(DIGESTS)
        self.wider = wider
        self._data: dict[str, Run] = {}

    @cached_property
    def encoder(self) -> Run:
        """The untuned encoder."""
        source = self._encoder_source
        # A copy is determined by the digests of its files alone.
        code = self.code.of("encoder", encoders=[source.name]) if source.is_made else None
        recipe = EncoderRecipe(source=self._encoder_identity, code=code).plain()
        return Run("encoder", self.config["encoder"]["name"], recipe)

    @cached_property
    def revisions(self) -> Revisions:
        """Commits of what comes from the Hub."""
        return read_lock()

    @cached_property
    def _encoder_source(self) -> EncoderSource:
        return encoder_source_of(self.config["encoder"]["source"])

    @cached_property
    def _encoder_identity(self) -> dict[str, Any]:
        return self._encoder_source.identity(self.config["encoder"], self._stock_of("models"))

    @cached_property
    def _tokenizer(self) -> str:
        source = self._encoder_source
        code = self.code.of("tokenizer") if source.is_made else None
        return source.tokenizer(self._encoder_identity, code)

    def data(self, task: str) -> Run:
        """The prepared data of `task`: train and dev in English, test in every language."""
        if task not in self._data:
            recipe, made = self._data_recipe(task), self.translations(task)
            if made:
                recipe["source"]["translations"] = {code: run.digest for code, run in made.items()}
            parents = {"encoder": self.encoder, **({"translations": made} if made else {})}
            run = Run("data", task, recipe, parents)
            self._data[task] = self.wider.instead_of(run) if self._trains(task) else run
        return self._data[task]

    def _trains(self, task: str) -> bool:
        """Whether predictions on the task's test sets are dear, and none depends on another's.

        A search compares layers over all its languages, and is made anew in seconds.
        """
        return bool(self.languages.get(task)) and self.sheets[task]["training_set"] is not None

    def translations(self, task: str) -> dict[str, Run]:
        """The runs that translate for the row `task`, by language; none unless it is machine's."""
        if task not in self.available.machine:
            return {}
        sheet, languages = self.sheets[plain(task)], self.available.translations[task]
        limits = {"train": limits_of(task, self.config)["train"]}
        apart = apart_from(sheet, self.sheets, self.config)
        read = {"train": data_files.parts_of(sheet, "train", "en"), **_parts_of(apart)}
        source = self._source(read, limits)
        run = partial(self._machine.run, sheet, languages=languages, source=source, apart=apart)
        return {code: run(code) for code in languages}

    @cached_property
    def _machine(self) -> MachineTranslations:
        return MachineTranslations(self.config, self._stock_of("models"), self.code)

    def _data_recipe(self, task: str) -> dict[str, Any]:
        sheet = self.sheets[task]
        settings = training_settings(task, self.config, self.sheets)
        languages = self.languages.get(task, [])
        trained = self.available.translations.get(task, [source_language(task)])
        splits = {
            "train": self._training_parts(task, trained),
            "dev": data_files.parts_of(sheet, "dev", source_language(task)),
            "test": [
                part for code in languages for part in data_files.parts_of(sheet, "test", code)
            ],
        }
        # A cap on test sets is nothing to a task that has none.
        cut = (sheet["held_out"] or {}).get("split")
        limits = {
            split: limit
            for split, limit in limits_of(task, self.config).items()
            if splits[split] or split == cut
        }
        machine, sizes = task in self.available.machine, dict(limits)
        if machine:
            limits["train"] = None
        elif (limit := limits.get("train")) is not None:
            # A limit is for each language, and these share the examples.
            limits["train"] = -(-limit // len(trained))
        keys = ["maximum_length", *kind_of(sheet["kind"]).data_settings]
        if sheet["labels"] == "from_data":
            keys.append("rare_below")
        # What a machine translated is no file that anyone published.
        published = {**splits, "train": []} if machine else {**splits}
        self._check_columns(sheet, [part for parts in published.values() for part in parts])
        # What is translated is kept apart from test sets before.
        compared = splits["train"] and not machine
        apart = apart_from(sheet, self.sheets, self.config) if compared else {}
        published |= _parts_of(apart)
        recipe = DataRecipe(
            **respellings(sheet),
            # By machine each example was translated once.
            shared=True if len(trained) > 1 and not machine else ABSENT,
            apart_from=apart or ABSENT,
            task=task,
            kind=sheet["kind"],
            labels=sheet["labels"],
            source=self._source(published, sizes),
            columns=sheet["columns"],
            held_out=sheet["held_out"],
            splits={split: data_files.plain_parts(parts) for split, parts in splits.items()},
            limits=limits,
            sampling_seed=self.config["data_seed"],
            **{key: settings[key] for key in keys},
            tokenizer=self._tokenizer,
            code=self.code.of("data", kinds=[sheet["kind"]], sources=[self.source.name]),
        )
        return recipe.plain()

    def _check_columns(self, sheet: Sheet, parts: list[dict[str, Any]]) -> None:
        """Of the files that lie in the data folder; those of the Hub are yet to be fetched."""
        if self.config["data_root"]:
            own = [part for part in parts if self.source.is_by_hand(part)]
            data_files.check_columns(sheet, own, Path(self.config["data_root"]), self.files)

    def _training_parts(self, task: str, languages: list[str]) -> list[dict[str, Any]]:
        if task in self.available.machine:
            sheet = self.sheets[plain(task)]
            return [self._machine.part(sheet, code) for code in languages]
        sheet = self.sheets[task]
        return [part for code in languages for part in data_files.parts_of(sheet, "train", code)]

    @cached_property
    def text(self) -> Run:
        """The prepared multilingual text of the rows `<task>+mlm`."""
        settings = self.config["masked_language_model"]
        parts = [text_part(self.config, code) for code in self.available.text_languages]
        limits = {"train": settings["examples"], "dev": settings["dev_examples"]}
        splits = {"train": parts, "dev": [], "test": []}
        source = self._text_source(parts, limits)
        recipe = TextRecipe(
            task=MLM_TEXT,
            kind="text",
            source=source,
            held_out={"split": "dev", "from": "train"},
            splits=splits,
            limits=limits,
            maximum_length=settings["maximum_length"],
            tokenizer=self._tokenizer,
            code=self.code.of("text", sources=[source["name"]]),
        )
        return Run("data", MLM_TEXT, recipe.plain(), {"encoder": self.encoder})

    def _text_source(self, parts: list[dict[str, Any]], limits: dict[str, int]) -> dict[str, Any]:
        if parts[0]["dataset"] == PLAIN_TEXT:
            return source_of("text").recipe_of_parts(parts, limits, self._stock)
        return self._source({"train": parts}, {"train": sum(limits.values())})

    def _source(
        self, splits: dict[str, list[dict[str, Any]]], sizes: dict[str, int | None]
    ) -> dict[str, Any]:
        parts = [part for split in splits.values() for part in split]
        return self.source.recipe_of_parts(parts, sizes, self._stock)

    @cached_property
    def source(self) -> Source:
        """Where the data come from."""
        return source_of(self.config["source"])

    def whereabouts(self, part: dict[str, Any]) -> dict[str, Any]:
        """Where a part is, or is to be put (see `Source.whereabouts`)."""
        return self.source.whereabouts(part, self._stock)

    @cached_property
    def _stock(self) -> Stock:
        return self._stock_of("datasets")

    def _stock_of(self, kind: str) -> Stock:
        commit = partial(self.revisions.of, kind)
        return Stock(self.config, self.root, self.files.of, commit)

    def activations(self, task: str, frozen: int) -> Run | None:
        """What the first `frozen` layers give for `task`, or None where nothing is frozen."""
        if not frozen:
            return None
        data = self.data(task)
        recipe = ActivationsRecipe(
            encoder=self.encoder.digest,
            data=data.digest,
            frozen_layers=frozen,
            precision=self.config["precision"],
            code=self.code.of("activations"),
        )
        parents = {"encoder": self.encoder, "data": data}
        return Run("activations", data.label, recipe.plain(), parents)

    def inputs(self, tasks: Iterable[str], frozen: int) -> dict[str, dict[str, Run]]:
        """What a run with `frozen` layers needs of each of `tasks`: data and activations."""
        inputs = {}
        for task in tasks:
            inputs[task] = {"data": self.data(task)}
            if activations := self.activations(task, frozen):
                inputs[task]["activations"] = activations
        return inputs
