# Fits the models of models.json to the tables beside it with lme4, lmerTest and pbkrtest, and
# writes what they find to fixtures.json: `Rscript make_fixtures.R`, in this folder. The tables
# are made by make_tables.py.
source("lme4.R")
suppressMessages(library(lmerTest))
tight <- tight_control(rhoend = 1e-9, maxfun = 100000)

fit_one <- function(model) {
  table <- read.csv(paste0(model$table, ".csv"), stringsAsFactors = FALSE)
  slopes <- if (length(model$slope)) strsplit(unlist(model$slope), "|", fixed = TRUE) else list()
  terms <- c(
    model$fixed,
    sprintf("(1 | %s)", unlist(model$random)),
    vapply(slopes, function(one) sprintf("(0 + %s | %s)", one[1], one[2]), "")
  )
  formula <- as.formula(paste("gain ~", paste(terms, collapse = " + ")))
  began <- proc.time()[["elapsed"]]
  fitted <- lmerTest::lmer(formula, data = table, REML = model$reml, control = tight)
  coefficients <- coef(summary(fitted, ddf = "Satterthwaite"))
  components <- as.data.frame(VarCorr(fitted))
  slope <- !(components$var1 %in% c("(Intercept)", NA))
  # lme4 writes `a:b` as `a.b`, and numbers a factor that has several terms: `a.1`.
  factors <- gsub(".", ":", sub("[.][0-9]+$", "", components$grp), fixed = TRUE)
  names <- ifelse(slope, paste0(components$var1, "|", factors), factors)
  found <- c(model, list(
    n = nobs(fitted), loglik = as.numeric(logLik(fitted)), singular = isSingular(fitted),
    residual_variance = sigma(fitted)^2,
    variances = as.list(setNames(components$vcov, names)[names != "Residual"]),
    terms = rownames(coefficients), estimate = unname(coefficients[, "Estimate"]),
    standard_error = unname(coefficients[, "Std. Error"]),
    df_satterthwaite = unname(coefficients[, "df"]),
    p_satterthwaite = unname(coefficients[, "Pr(>|t|)"])
  ))
  if (model$kenward_roger) {
    adjusted <- vcovAdj(fitted)
    tests <- lapply(seq_along(fixef(fitted)), function(k) {
      contrast <- as.numeric(seq_along(fixef(fitted)) == k)
      df <- Lb_ddf(contrast, vcov(fitted), adjusted)
      se <- sqrt(as.numeric(contrast %*% adjusted %*% contrast))
      c(se = se, df = df, p = 2 * pt(-abs(fixef(fitted)[[k]] / se), df))
    })
    found$se_kenward_roger <- vapply(tests, `[[`, 0, "se")
    found$df_kenward_roger <- vapply(tests, `[[`, 0, "df")
    found$p_kenward_roger <- vapply(tests, `[[`, 0, "p")
  }
  message(model$table, " ", round(proc.time()[["elapsed"]] - began, 1), " s")
  found
}

models <- fromJSON("models.json", simplifyVector = FALSE)
versions <- vapply(c("lme4", "lmerTest", "pbkrtest"), function(name) {
  as.character(packageVersion(name))
}, "")
write_json(
  list(versions = c(as.list(versions), R = as.character(getRversion())),
       fits = lapply(models, fit_one)),
  "fixtures.json", auto_unbox = TRUE, digits = 12, pretty = TRUE
)
