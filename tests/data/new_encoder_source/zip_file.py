"""A source of encoders that the project does not have: a zip file of transformers files."""

import json
from pathlib import Path
from zipfile import ZipFile

from xstilts.core.errors import StudyError
from xstilts.encoders.sources.protocol import EncoderSource


class ZipOfFiles(EncoderSource):
    name = "zip_file"

    def check_settings(self, settings):
        if not Path(settings["path"] or "").is_file():
            raise StudyError("config: encoder `source: zip_file` needs encoder.path, a zip file.")
        super().check_settings(settings)

    def depth(self, settings):
        return self.transformers_config(settings)["num_hidden_layers"]

    def transformers_config(self, settings):
        with ZipFile(settings["path"]) as archive:
            return json.loads(archive.read("config.json"))

    def identity(self, settings, stock):
        return {"name": self.name, "sha256": stock.sha256(Path(settings["path"]))}

    def tokenizer(self, identity, code):
        return identity["sha256"]

    def put(self, identity, folder, settings):
        with ZipFile(settings["path"]) as archive:
            archive.extractall(folder)
        return {"copied": len(list(folder.iterdir()))}


SOURCE = ZipOfFiles()
