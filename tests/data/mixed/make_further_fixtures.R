# As make_fixtures.R, for the models of models_further.json, written in lme4's own formulas: with
# correlated effects, F tests of each term of the formula (pbkrtest), fitted values and
# likelihood-ratio tests against the model of an intercept alone. Writes fixtures_further.json.
source("lme4.R")
tight <- tight_control(rhoend = 1e-10, maxfun = 200000, check.nobs.vs.nlev = "ignore")

f_tests <- function(fitted) {
  assigned <- attr(model.matrix(fitted), "assign")
  labels <- attr(terms(fitted), "term.labels")
  lapply(seq_along(labels), function(k) {
    restriction <- diag(length(assigned))[assigned == k, , drop = FALSE]
    test <- KRmodcomp(fitted, restriction)$stats
    list(term = labels[k], numerator_df = sum(assigned == k), denominator_df = test$ddf,
         F = test$Fstat, p = test$p.value)
  })
}

fit_one <- function(model) {
  table <- read.csv(paste0(model$table, ".csv"), stringsAsFactors = FALSE)
  table$weight <- if (is.null(model$weights)) 1 else table[[model$weights]]
  reml <- is.null(model$ml)
  fitted <- lmer(as.formula(model$formula), data = table, REML = reml, weights = weight,
                 control = tight)
  components <- as.data.frame(VarCorr(fitted))
  found <- c(model, list(
    n = nobs(fitted), loglik = as.numeric(logLik(fitted)), residual_variance = sigma(fitted)^2,
    covariances = components[components$grp != "Residual", c("grp", "var1", "var2", "vcov")],
    terms = names(fixef(fitted)), estimate = unname(fixef(fitted)),
    standard_error = unname(sqrt(diag(as.matrix(vcov(fitted))))),
    first_fitted = unname(fitted(fitted)[1:5])
  ))
  if (reml && is.null(model$weights)) {
    adjusted <- vcovAdj(fitted)
    found$se_kenward_roger <- sqrt(diag(as.matrix(adjusted)))
    found$df_kenward_roger <- vapply(seq_along(fixef(fitted)), function(k) {
      Lb_ddf(as.numeric(seq_along(fixef(fitted)) == k), vcov(fitted), adjusted)
    }, 0)
    found$joint <- f_tests(fitted)
  }
  smaller <- update(fitted, as.formula(paste(
    ". ~ 1 +", paste(sprintf("(%s)", vapply(findbars(formula(fitted)), deparse1, "")),
                     collapse = " + "))))
  comparison <- anova(fitted, smaller, refit = TRUE)
  found$likelihood_ratio <- list(statistic = comparison$Chisq[2], df = comparison$Df[2],
                                 p = comparison[["Pr(>Chisq)"]][2])
  message(model$name)
  found
}

models <- fromJSON("models_further.json", simplifyVector = FALSE)
write_json(lapply(models, fit_one), "fixtures_further.json", auto_unbox = TRUE, digits = 12,
           pretty = TRUE, na = "null")
