"""axe-core, the checker of web pages for people who hear them or see little: what it finds."""

from pathlib import Path

import axe_playwright_python

SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RUN = """async (within) => {
  const places = [...document.querySelectorAll(within)].filter((e) => e.checkVisibility());
  if (!places.length) return [];
  const { violations } = await axe.run({ include: places }, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${id}: ${html.slice(0, 160)}: ${failureSummary.split("\\n").slice(1).join(" ")}`));
}"""


def findings(page, within="body"):
    """What axe-core finds wrong within these elements, as they are shown now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT)
    return page.evaluate(RUN, within)
