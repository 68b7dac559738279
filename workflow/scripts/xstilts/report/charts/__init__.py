"""Charts of the report, drawn by Vega-Lite through Altair: the same chart on page and in files."""
