"""A source that the project does not have: CSV files in data_root."""

from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.sources.protocol import Source


class CsvFiles(Source):
    name = "csv_files"
    banner = "toy: text from a spreadsheet"

    def check_config(self, config):
        if config["data_root"] is None:
            raise StudyError("config: `source: csv_files` needs data_root.")

    def has_part(self, part, config):
        return file_of(part, config["data_root"]).is_file()

    def recipe_of_parts(self, parts, sizes, stock):
        files = {file_of(part, stock.config["data_root"]) for part in parts}
        return {"name": self.name, "files": {path.name: stock.sha256(path) for path in files}}

    def whereabouts(self, part, stock):
        file = file_of(part, stock.config["data_root"])
        return {"source": self.name, "place": str(file), "files": [], "revision": "",
                "is_made": False, "is_fetched": False}  # fmt: skip

    def batches(self, source, part, columns):
        from pyarrow import csv

        yield csv.read_csv(file_of(part, source["root"]))


def file_of(part, root):
    return Path(root, f"{part['dataset'].replace('/', '-')}-{part['config']}-{part['split']}.csv")


SOURCE = CsvFiles()
