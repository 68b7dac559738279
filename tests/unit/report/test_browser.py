"""The page in a real browser: it fits a phone, and nothing is asked of the network."""

import json

import pytest
from headless_browser import browse

from xstilts.report.page import render

# Frames have the width of the screen asked for; a headless window has a least width.
MEASURE = """<!doctype html><iframe width="{width}" height="900" srcdoc="{page}"></iframe>
<pre id="measured"></pre><script>
onload = () => {{
  const inside = document.querySelector("iframe").contentDocument;
  document.getElementById("measured").textContent = JSON.stringify({{
    page: inside.documentElement.scrollWidth,
    figure: inside.querySelector("svg").getBoundingClientRect().width,
    text: inside.querySelector("svg text").getBoundingClientRect().height,
    loaded: performance.getEntriesByType("resource").map(entry => entry.name).concat(
      inside.defaultView.performance.getEntriesByType("resource").map(entry => entry.name)),
  }});
}};
</script>"""


@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_the_screen_and_loads_nothing(inputs, tmp_path, width):
    page = render(inputs).replace("&", "&amp;").replace('"', "&quot;")
    file = tmp_path / "measure.html"
    file.write_text(MEASURE.format(width=width, page=page), encoding="utf-8")
    dom = browse(tmp_path, file, "--dump-dom", "--window-size=1400,1000")
    measured = json.loads(dom.split('<pre id="measured">')[1].split("</pre>")[0])
    assert measured["page"] <= width
    assert measured["figure"] >= 600  # scrolled rather than shrunk
    assert measured["text"] >= 9
    assert [name for name in measured["loaded"] if not name.startswith("about:")] == []
