# What the two scripts beside this one start with.
suppressMessages({
  library(lme4)
  library(pbkrtest)
  library(jsonlite)
})
Sys.setlocale("LC_COLLATE", "C")
# Far below lme4's defaults, so that the optimum is exact to the tests' tolerances.
tight_control <- function(rhoend, maxfun, ...) {
  lmerControl(
    optimizer = "bobyqa", calc.derivs = FALSE,
    optCtrl = list(rhobeg = 0.2, rhoend = rhoend, maxfun = maxfun), ...
  )
}
