"""`xstilts plan --gpu-hours H`: which cells of a study to run, why, and at which cost."""

from xstilts.commands import plan_best, plan_coverage, plan_slope
from xstilts.commands.plan_bill import StudyBill
from xstilts.commands.plan_choice import Choice, Wish
from xstilts.commands.plan_files import said, write_plan
from xstilts.plan.encoders import AnyStudy

PURPOSES = {"slope": plan_slope.choose, "best": plan_best.choose, "coverage": plan_coverage.choose}


def plan_study(study: AnyStudy, wish: Wish) -> str:
    """Write plan.tsv and plan.yaml among the study's tables, and say what they hold.

    Raises:
        StudyError: no plan fits the budget, nobody knows what runs cost, or a table is missing.
    """
    priced = StudyBill(study)
    choice: Choice = PURPOSES[wish.purpose](study, wish, priced.bill)
    choice.notes[:0] = priced.notes
    write_plan(study, wish, choice, priced.bill)
    return said(study, wish, choice, priced.bill)
