"""What a browser says of a page's layout: text that lies on text, and text that is cut."""

OVERLAPS = """(root) => {
  // Boxes of every piece of text that can be seen, SVG and HTML alike, a little shrunken: letters
  // seldom fill their line.
  const boxes = [];
  const shown = (element) => element.checkVisibility({ checkVisibilityCSS: true });
  const walker = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    const parent = node.parentElement;
    if (!text || !shown(parent) || parent.closest("script, style, select, .hidden, #tip")) continue;
    // What is folded away has boxes; only its details element answers whether it can be seen.
    if (parent.closest("details:not([open])") && !parent.closest("summary")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width > 3 && box.height > 3)
        boxes.push({
          text, stuck: getComputedStyle(parent.closest("th") ?? parent).position === "sticky",
          x: box.x + 1, right: box.right - 1,
          y: box.y + box.height * 0.2, bottom: box.bottom - box.height * 0.2,
        });
  }
  boxes.sort((a, b) => a.y - b.y);
  const found = [];
  boxes.forEach((a, i) => {
    for (let j = i + 1; j < boxes.length && boxes[j].y < a.bottom; j += 1) {
      const b = boxes[j];
      if (a.stuck !== b.stuck) continue;
      if (a.x < b.right && b.x < a.right) found.push(`${a.text} | ${b.text}`);
    }
  });
  return found;
}"""
"""Pairs of texts below `root` that lie on each other."""

CUT = """() => {
  // Text that begins or ends outside of what can be scrolled to.
  const found = [];
  const wide = document.documentElement.clientWidth;
  const prose = "h1, h2, h3, p, li, figcaption, summary, dt, dd";
  for (const element of document.querySelectorAll(prose)) {
    if (!element.checkVisibility() || element.closest(".scroll, nav, #tip")) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.left < 0 || box.right > wide + 1))
      found.push(element.textContent.slice(0, 60));
  }
  for (const region of document.querySelectorAll(".scroll")) {
    const box = region.getBoundingClientRect();
    if (box.width && box.right > wide + 1) found.push(region.getAttribute("aria-label"));
  }
  for (const svg of document.querySelectorAll(".plot svg")) {
    const own = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const across = box.left >= own.left - 1 && box.right <= own.right + 1;
      const down = box.top >= own.top - 1 && box.bottom <= own.bottom + 1;
      if (box.width && !(across && down))
        found.push(`${svg.closest(".plot").dataset.chart}: ${text.textContent}`);
    }
  }
  return found;
}"""
"""Texts that are cut: outside of the page's width, or of their figure."""
