"""A source of translation models that the project does not have: named in a list."""

from pathlib import Path

from xstilts.translation.sources.protocol import TranslatorSource


class ModelsByPair(TranslatorSource):
    name = "models_by_pair"

    def identity(self, path, stock):
        return {"name": self.name, "list": stock.sha256(Path(path))}

    def folder(self, identity, path):
        return Path(path).parent / Path(path).read_text().strip()


SOURCE = ModelsByPair()
