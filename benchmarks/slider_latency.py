"""How long a slider takes from the key to the picture, in JupyterLab and headless Chromium.

    python benchmarks/slider_latency.py [--keys 40] [--gap 30] [--repeat 1]

Prints a Markdown table. Compared are a bare slider that the kernel echoes, which nothing that the
kernel computes can undercut; `interact` with a matplotlib picture; and the XOR app of this suite;
the last two also behind a delay between page and kernel.

Real key presses move each slider, first one by one, each when the page and the kernel are at rest:
the latencies, to the change of the DOM and to the painted frame (latency.js says what these are).
Then back in a burst, as a key held down repeats: the pictures that were drawn of those that one by
one were seen, the frames without a whole picture, and the time from the last key to its picture.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import os
import platform
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import nbformat
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.browser.servers import (  # noqa: E402
    Notebook,
    browser_context,
    installed_browser,
    new_notebook,
    serve,
)

DELAY = 0.2  # seconds, each way
WARM_UP = 5  # keys there, and as many back


# --- what is compared: a cell each, made of the source of its function ----------------------------


def echo():
    """A slider, and its value as the kernel got it."""
    import ipywidgets as widgets

    slider = widgets.FloatSlider(value=-0.22, min=-5, max=5, step=0.01)
    text = widgets.HTML()

    def show(_change=None):
        text.value = f'<b data-q="value">{slider.value:.2f}</b>'

    slider.observe(show, "value")
    show()
    return widgets.VBox([slider, text])


def interact():
    """The network with its nine parameters, and the gradients as bars, by matplotlib."""
    import ipywidgets as widgets
    import matplotlib.pyplot as plt

    from backprop_lab.core.keys import parameters
    from backprop_lab.core.network import Layer, Network, backward, forward, quantities
    from backprop_lab.formulas.notation import NOTATIONS
    from backprop_lab.lectures import xor

    lecture = xor()
    first, last = lecture.network.layers
    keys = parameters(lecture.network.widths)
    labels = [f"${NOTATIONS['LMU'].label(key, lecture.network.widths)}$" for key in keys]
    places = [[(0, 1), (0, 0)], [(1, 1), (1, 0)], [(2, 0.5)]]

    def show(u_1):
        net = Network([first, Layer([[u_1], last.W[1]], last.b)])
        f = forward(net, lecture.x)
        now = quantities(backward(net, f, lecture.y, lecture.loss))
        _, (network, bars) = plt.subplots(1, 2, figsize=(9.6, 3.7))
        for key, label in zip(keys, labels, strict=True):
            kind, layer, *ends = key
            (x1, y1) = end = places[layer + 1][ends[-1]]
            x0, y0 = places[layer][ends[0]] if kind == "W" else end
            network.plot([x0, x1], [y0, y1], "o-", color="grey")
            beside = 0.0 if kind == "W" else 0.12 if y1 else -0.18
            x, y = x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 3 + beside
            network.text(x, y, f"{label} = {now[key]:.4f}", ha="center", backgroundcolor="white")
        network.set(title=f"loss {now[('loss',)]:.4f}", xlim=(-0.4, 2.4), ylim=(-0.3, 1.2))
        network.axis("off")
        bars.bar(labels, [now["d" + key[0], *key[1:]] for key in keys])
        bars.set(title="gradient", ylim=(-0.1, 0.1))
        plt.show()

    widgets.interact(show, u_1=widgets.FloatSlider(value=-0.22, min=-5, max=5, step=0.01))


def app():
    """The XOR app of this suite."""
    from backprop_lab import explore, lectures

    return explore.walkthrough(lectures.xor(), "update")


@dataclass(frozen=True)
class Case:
    """A row of the table. picture: a selector of its parts; handle: finds the slider's."""

    title: str
    make: Callable
    picture: str = "[data-q]"
    handle: str = "root.querySelector('.noUi-handle')"
    delay: float = 0.0

    def delayed(self) -> Case:
        title = f"{self.title}, {DELAY * 1000:.0f} ms each way"
        return replace(self, title=title, delay=DELAY)


ECHO = Case("bare echo by the kernel", echo)
INTERACT = Case("`interact` and matplotlib", interact, "img")
APP = Case("`walkthrough`", app, handle="look.handle(root, 'u_1')")
CASES = (ECHO, INTERACT, APP, INTERACT.delayed(), APP.delayed())


# --- a server far away ----------------------------------------------------------------------------


class Relay:
    """Passes on all bytes between the browser and a server, `delay` seconds later, in order."""

    def __init__(self, server: SplitResult):
        self.delay, self._there = 0.0, (server.hostname, server.port)
        self._loop = asyncio.new_event_loop()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Run in a thread of its own; gives the address to open. Leave it after the browser."""
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        opened = asyncio.start_server(self._connect, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(opened, self._loop).result()
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _stop(self, server):
        server.close()
        if connections := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(connections, timeout=5)

    async def _connect(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(*self._there)
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader, writer):
        on_the_way = asyncio.Queue()

        async def receive():
            data = b"start"
            while data:
                data = await reader.read(65536)
                on_the_way.put_nowait((self._loop.time() + self.delay, data))

        async def deliver():
            while True:
                due, data = await on_the_way.get()
                await asyncio.sleep(due - self._loop.time())
                if not data:
                    return
                writer.write(data)
                await writer.drain()

        try:
            await asyncio.gather(receive(), deliver())
        except ConnectionError:
            pass  # one of the two went away, and the other learns it now
        finally:
            writer.close()


# --- measuring ------------------------------------------------------------------------------------


@dataclass
class Found:
    """Latencies of single keys, in ms, and what became of each burst."""

    changed: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    late: list[float] = field(default_factory=list)

    def row(self, title: str, keys: int) -> str:
        """Percentiles of the latencies; of the bursts the worst."""
        cells = [f"{np.percentile(self.changed, q):.1f}" for q in (50, 95)]
        cells += [f"{np.percentile(self.painted, q):.1f}" for q in (50, 95)]
        cells += [f"{np.median(self.apart):.0f}", f"{min(self.drawn)} of {keys}"]
        cells += [f"{max(self.blank)}", f"{max(self.late):.0f}"]
        return f"| {title} | {' | '.join(cells)} |"


HEAD = """\
| ms | key to DOM: median | 95 % | key to painted: median | 95 % \
| burst: keys apart | drawn | blank frames | last one late |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""


def first(record: list, picture: int, since: float) -> float:
    """When a picture first stood in the record, in ms since a key."""
    return next(at for at, seen in record if seen == picture and at > since) - since


def one_by_one(page, key: str, count: int) -> dict:
    """Press a key, wait until all is at rest, press it again."""
    for _ in range(count):
        page.keyboard.press(key)
        page.evaluate("() => latency.settled()")
        page.wait_for_timeout(random.uniform(20, 60))  # any place between two frames
    return page.evaluate("() => latency.take()")


def measure(page, keys: int, gap: float, found: Found) -> None:
    """Move the slider up one by one and down in a burst."""
    record = one_by_one(page, "ArrowRight", keys)
    ends = [*record["keys"][1:], np.inf]
    pictures = []
    for pressed, end in zip(record["keys"], ends, strict=True):
        picture = [shown for at, shown in record["frames"] if at < end][-1]
        found.changed.append(first(record["changes"], picture, pressed))
        found.painted.append(first(record["frames"], picture, pressed))
        pictures.append(picture)
    if len(set(pictures)) < keys:
        raise RuntimeError(f"{keys} keys made only {len(set(pictures))} different pictures")

    one_by_one(page, "ArrowRight", 1)  # the burst begins where none of its pictures is drawn yet
    page.evaluate("() => latency.everyFrame()")
    begin = time.monotonic()
    for k in range(keys):
        time.sleep(max(0.0, begin + k * gap - time.monotonic()))
        page.keyboard.press("ArrowLeft")
    page.evaluate("picture => latency.drawn(picture)", pictures[0])
    page.wait_for_timeout(500)
    record = page.evaluate("() => latency.take()")
    found.apart += list(np.diff(record["keys"]))
    found.drawn.append(len({shown for at, shown in record["frames"]} & set(pictures)))
    found.blank.append(record["blanks"])
    found.late.append(first(record["frames"], pictures[0], record["keys"][-1]))
    one_by_one(page, "ArrowLeft", 1)


def run(case: Case, lab, relay: Relay, context, options) -> Found:
    """Measure one slider, in a notebook and a kernel of its own."""
    notebook = Notebook(lab, context, f"{case.make.__name__}.ipynb")
    page = notebook.page
    notebook.look("run()")
    notebook.look("show(look.codeCells()[0])")
    page.add_script_tag(path=ROOT / "tests" / "browser" / "latency.js")
    page.evaluate(
        f"""async picture => {{
            const root = look.codeCells()[0].node;
            await look.quiet(root);
            {case.handle}.focus();
            latency.start(root, picture);
        }}""",
        case.picture,
    )
    relay.delay = case.delay
    found = Found()
    for key in ("ArrowRight", "ArrowLeft"):
        one_by_one(page, key, WARM_UP)
    for _ in range(options.repeat):
        measure(page, options.keys, options.gap / 1000, found)
    relay.delay = 0.0
    notebook.close()
    return found


def main() -> None:
    """Measure all sliders and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keys", type=int, default=40, help="one by one, and in a burst")
    parser.add_argument("--gap", type=float, default=30.0, help="ms between the keys of a burst")
    parser.add_argument("--repeat", type=int, default=1, help="latencies of all; the worst burst")
    options = parser.parse_args()
    browser = installed_browser() or sys.exit("There is no Chromium here.")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "notebooks"
        folder.mkdir()
        for make in {case.make for case in CASES}:
            source = f"{inspect.getsource(make)}\n{make.__name__}()"
            nbformat.write(new_notebook(source), folder / f"{make.__name__}.ipynb")
        with serve("jupyterlab", Path(home), folder) as lab:
            relay = Relay(urlsplit(lab.url))
            with relay.running() as url, browser_context(browser) as context:
                load = os.getloadavg()[0]
                print(HEAD)
                for case in CASES:
                    place = replace(lab, url=url) if case.delay else lab
                    found = run(case, place, relay, context, options)
                    print(found.row(case.title, options.keys), flush=True)
                print(
                    f"\nJupyterLab {version('jupyterlab')}, Chromium {context.browser.version}, "
                    f"Python {platform.python_version()}, {os.cpu_count()} cores, "
                    f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after."
                )


if __name__ == "__main__":
    main()
