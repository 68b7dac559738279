"""Training examples that a study has translated by machine: one run per task and language."""

from typing import Any, cast

from xstilts.config.sheets import Sheet, respellings
from xstilts.config.study_config import Config, limits_of
from xstilts.config.variants import TRANSLATIONS
from xstilts.kinds import TrainedKind, kind_of
from xstilts.plan import data_files
from xstilts.plan.recipes import Recipe, Run
from xstilts.plan.stage_code import StageCode
from xstilts.plan.stage_recipes import ABSENT, TranslationRecipe
from xstilts.sources import Stock
from xstilts.translation.sources import filled_in, translator_source_of


class MachineTranslations:
    """Recipes of translated training sets."""

    def __init__(self, config: Config, stock: Stock, code: StageCode) -> None:
        """`stock` says which bytes a model consists of."""
        self.config, self.stock, self.code = config, stock, code
        self.settings = config["translated"]

    def run(
        self,
        sheet: Sheet,
        language: str,
        languages: list[str],
        source: Recipe,
        apart: dict[str, Any],
    ) -> Run:
        """The examples of the task of `sheet` that fall to `language`, one of `languages`.

        `source` is that of its English training set, and of the test sets `apart` (see
        `shared_texts.apart_from`), whose texts are not translated.
        """
        task = sheet["name"]
        limit = limits_of(task, self.config)["train"]
        parts = data_files.parts_of(sheet, "train", "en")
        recipe = TranslationRecipe(
            task=task,
            kind=sheet["kind"],
            labels=sheet["labels"],
            **respellings(sheet),
            columns=sheet["columns"],
            apart_from=apart or ABSENT,
            source=source,
            splits={"train": data_files.plain_parts(parts)},
            limits={"train": limit and -(-limit // len(languages))},
            sampling_seed=self.config["data_seed"],
            language=language,
            share={"number": languages.index(language), "of": len(languages)},
            model=self._model(language),
            align=self.settings["align"],
            likeness=self.settings["likeness"],
            code=self.code.of("translation", kinds=[sheet["kind"]], sources=[source["name"]]),
        )
        return Run("translation", f"{task}-{language}", recipe.plain())

    def part(self, sheet: Sheet, language: str) -> dict[str, Any]:
        """How a data recipe names these examples."""
        # A translated file has our own names of the fields.
        kind = cast(TrainedKind, kind_of(sheet["kind"]))
        columns = {name: name for name in ("id", *kind.translated_fields)}
        return {"dataset": f"{TRANSLATIONS}/{sheet['name']}", "config": language, "split": "train",
                "language": language, "columns": columns}  # fmt: skip

    def _model(self, language: str) -> dict[str, Any]:
        model = self.settings["model"]
        filled = {
            key: model[key] and filled_in(model[key], model, language)
            for key in ("prefix", "first_token", "source_language")
        }
        numbers = {key: model[key] for key in ("beams", "batch_examples", "maximum_length")}
        path = filled_in(model["path"], model, language)
        identity = translator_source_of(model["source"]).identity(path, self.stock)
        return {**identity, **filled, **numbers}
