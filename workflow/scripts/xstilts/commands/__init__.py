"""What users ask beside a run: forecast, stale, prune, explain, data_report, sbatch_preview."""
