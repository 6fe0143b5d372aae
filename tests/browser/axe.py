"""axe-core, the checker of web pages for people who hear them or see little: what it finds."""

from pathlib import Path

import axe_playwright_python

SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RUN = """async ([within, rules]) => {
  const places = [...document.querySelectorAll(within)].filter((e) => e.checkVisibility());
  if (!places.length) return [];
  const options = { resultTypes: ["violations"], ...rules };
  const { violations } = await axe.run({ include: places }, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${id}: ${html.slice(0, 160)}: ${failureSummary.split("\\n").slice(1).join(" ")}`));
}"""

OF_COLOURS = ["color-contrast", "link-in-text-block"]
EVERYTHING: dict = {}
COLOURS = {"runOnly": OF_COLOURS}
"""What a theme can change; four fifths of the time that everything takes."""
ALL_BUT_COLOURS = {"rules": {name: {"enabled": False} for name in OF_COLOURS}}


def findings(page, within="body", rules=EVERYTHING):
    """What axe-core finds wrong by these rules within these elements, as they are shown now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT)
    return page.evaluate(RUN, [within, rules])
