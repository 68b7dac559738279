"""Reading a page back with the standard library's parser."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Tables by caption, tags with their attributes, ids, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.kinds: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self._rows: list[list[str]] = []
        self._classes: list[list[str]] = []
        self._caption = ""
        self.feed(html)
        assert not self.open, f"not closed: {self.open}"

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self._rows, self._classes, self._caption = [], [], ""
        elif tag == "tr":
            self._rows.append([])
            self._classes.append([])
        elif tag in ("th", "td"):
            self._rows[-1].append("")
            self._classes[-1].append(dict(attrs).get("class") or "")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"crossed: {tag}"
        if tag == "table":
            self.tables[self._caption] = self._rows
            self.kinds[self._caption] = self._classes

    def handle_data(self, data):
        self.text += data
        if "caption" in self.open:
            self._caption += data
        elif "td" in self.open or ("th" in self.open and "table" in self.open):
            # The small print of a column's head stands behind a bar.
            self._rows[-1][-1] += ("|" if self.open[-1] == "small" else "") + data.strip()

    def table(self, start: str) -> list[list[str]]:
        return next(rows for caption, rows in self.tables.items() if caption.startswith(start))


def value(text: str) -> float:
    return float(text.replace("−", "-"))
