"""Imports paid once: a parent that has the libraries loaded and forks for each job of a machine.

Snakemake starts every job's script as ever. The script (`client`) hands itself over to the parent
(`parent`), which `launch` starts when the first of them asks, and ends as its child ended.
"""
