"""A recipe of a stage is a class: it knows every key, and says what each means."""

import ast
import inspect
from dataclasses import fields

import pytest

from xstilts.plan import stage_recipes
from xstilts.plan.recipes import is_search
from xstilts.plan.stage_recipes import (
    ABSENT,
    RECIPES,
    ActivationsRecipe,
    SearchRecipe,
    TargetRecipe,
    TextRecipe,
)


def class_of(recipe):
    """The class that a recipe is of."""
    if recipe["stage"] == "target":
        return SearchRecipe if is_search(recipe) else TargetRecipe
    if recipe["stage"] == "data" and recipe["kind"] == "text":
        return TextRecipe
    return next(kind for kind in RECIPES if kind.stage == recipe["stage"] and kind != TextRecipe)


def test_every_recipe_of_a_study_is_of_its_class(plan, tmp_path):
    (tmp_path / "de.txt").write_text("Ein Satz.\n")
    study = plan(
        intermediate_tasks=["mnli", "ccg", "mnli+mlm", "squad_v1"],
        masked_language_model__text_root=str(tmp_path),
        encoder__frozen_layers=2,
    )
    met = set()
    for runs in study.runs.values():
        for run in runs.values():
            given = {key: value for key, value in run.recipe.items() if key != "stage"}
            kind = class_of(run.recipe)
            assert kind(**given).plain() == run.recipe
            met.add(kind)
    assert {kind.__name__ for kind in set(RECIPES) - met} == {"TranslationRecipe"}


def test_a_key_that_no_class_knows_is_an_error():
    given = {"encoder": "a", "data": "b", "frozen_layers": 1, "precision": "float32", "code": "c"}
    assert ActivationsRecipe(**given).plain() == {"stage": "activations", **given}
    with pytest.raises(TypeError, match="layers"):
        ActivationsRecipe(**given, layers=2)
    with pytest.raises(AttributeError):
        ActivationsRecipe(**given).data = "other"


def test_what_is_absent_stands_in_no_recipe():
    absent = {field.name for kind in RECIPES for field in fields(kind) if field.default is ABSENT}
    assert {"shared", "activations", "masked_language_model"} <= absent


def test_every_field_has_its_meaning_below_it():
    tree = ast.parse(inspect.getsource(stage_recipes))
    for kind in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        for field, meaning in zip(kind.body, [*kind.body[1:], None], strict=True):
            if isinstance(field, ast.AnnAssign) and "ClassVar" not in ast.unparse(field.annotation):
                said = isinstance(meaning, ast.Expr) and isinstance(meaning.value, ast.Constant)
                assert said, f"{kind.name}.{field.target.id}"
