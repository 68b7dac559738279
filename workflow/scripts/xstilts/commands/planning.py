"""`xstilts plan --gpu-hours H`: which cells of a study to run, why, and at which cost."""

from xstilts.commands import plan_best, plan_coverage, plan_slope
from xstilts.commands.plan_bill import StudyBill
from xstilts.commands.plan_choice import Choice, Wish, bill_of_fidelity, choice_at_fidelity
from xstilts.commands.plan_files import said, write_plan
from xstilts.core.errors import StudyError
from xstilts.plan.budgets.bill import Bill
from xstilts.plan.encoders import AnyStudy

# These choose among rows of one fidelity; `best` weighs both.
PURPOSES = {"slope": plan_slope.choose, "coverage": plan_coverage.choose}


def plan_study(study: AnyStudy, wish: Wish) -> str:
    """Write plan.tsv and plan.yaml among the study's tables, and say what they hold.

    Raises:
        StudyError: no plan fits the budget, nobody knows what runs cost, or a table is missing.
    """
    _check_fidelity(study, wish)
    priced = StudyBill(study)
    choice = _choice(study, wish, priced.bill)
    choice.notes[:0] = priced.notes
    write_plan(study, wish, choice, priced.bill)
    return said(study, wish, choice, priced.bill)


def _choice(study: AnyStudy, wish: Wish, bill: Bill) -> Choice:
    if wish.purpose not in PURPOSES:
        return plan_best.choose(study, wish, bill)
    own = bill_of_fidelity(bill, wish.fidelity)
    return choice_at_fidelity(PURPOSES[wish.purpose](study, wish, own), wish.fidelity)


def _check_fidelity(study: AnyStudy, wish: Wish) -> None:
    if not wish.fidelity:
        return
    if wish.purpose not in PURPOSES:
        raise StudyError(
            "--fidelity: a plan for best takes cheap rows first by itself; leave the option out."
        )
    settings = study.config["fidelity"]
    if settings is None:
        raise StudyError(
            f"--fidelity {wish.fidelity}: the config has no cheap rows; give it a `fidelity`, or "
            "leave the option out."
        )
    if wish.fidelity != settings["name"]:
        raise StudyError(
            f"--fidelity {wish.fidelity}: the config's fidelity is called '{settings['name']}'."
        )
