"""How the page's program grows with the network: a Markdown table on standard output.

    python benchmarks/program_size.py

Each program is built with SymPy's cache cleared, then imported and run in a new page of Chromium.
The table ends with the first network whose program takes more than `LONGEST_BUILD` to build. The
threshold `backprop_lab.page.program.MOST_PARAMETERS` is chosen from it.
"""

import random
import shutil
import statistics
import time

from playwright.sync_api import sync_playwright
from sympy.core.cache import clear_cache

from backprop_lab.page.program import network_program

NETWORKS = [
    (2, 2, 1),
    (4, 4, 4, 1),
    (4, 8, 4, 1),
    (8, 8, 8, 1),
    (16, 16, 1),
    (16, 16, 16, 1),
    (8,) * 9,
    (32, 32, 1),
    (32, 32, 32, 1),
    (64, 64, 1),
    (64, 64, 64, 1),
]
LONGEST_BUILD = 10  # seconds
REPEATS = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MEASURE = """async ([program, values]) => {
  const source = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const before = performance.now();
  const { compute } = await import(source);
  const loaded = performance.now() - before;
  const first = performance.now();
  compute(values);
  const once = performance.now() - first;
  const calls = [];
  for (const end = performance.now() + 500; performance.now() < end; ) {
    const start = performance.now();
    for (let k = 0; k < 10; k++) compute(values);
    calls.push((performance.now() - start) / 10);
  }
  return [loaded, once, calls.sort((a, b) => a - b)[calls.length >> 1]];
}"""


def build(widths):
    """The program, and how many seconds of one processor it took from nothing."""
    clear_cache()
    network_program.cache_clear()
    start = time.process_time()
    program = network_program(widths)
    return program, time.process_time() - start


def in_browser(browser, program):
    """Milliseconds: the import of the module, the first call, and the median of later ones."""
    page = browser.new_page()
    rng = random.Random(8)
    values = {name: rng.uniform(-1, 1) for name in program.inputs}
    found = page.evaluate(MEASURE, [program.javascript, values])
    page.close()
    return found


def main():
    path = next(filter(None, map(shutil.which, BROWSERS)))
    print(
        "| network | parameters | program, kB | build, s | import, ms | first call, ms | call, ms |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for widths in NETWORKS:
            programs, seconds = zip(*(build(widths) for _ in range(REPEATS)), strict=True)
            timed = zip(*(in_browser(browser, program) for program in programs), strict=True)
            loaded, once, call = map(statistics.median, timed)
            weights = sum(name[0] in "Wb" for name in programs[0].inputs)
            size, took = len(programs[0].javascript.encode()) / 1000, statistics.median(seconds)
            shape = "-".join(map(str, widths))
            print(
                f"| {shape} | {weights} | {size:.0f} | {took:.2f} "
                f"| {loaded:.1f} | {once:.1f} | {call:.3f} |",
                flush=True,
            )
            if took > LONGEST_BUILD:
                break
        browser.close()


if __name__ == "__main__":
    main()
