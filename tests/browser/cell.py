"""One cell of a notebook in JupyterLab, by keyboard and mouse."""

from playwright.sync_api import TimeoutError

PATIENCE = 15_000  # milliseconds


class Cell:
    """One cell of a notebook with its app."""

    def __init__(self, notebook, source):
        self.page = notebook.page
        self.at = (
            f"look.codeCells().find(c => c.model.sharedModel.getSource().includes({source!r}))"
        )
        self.page.evaluate(f"() => look.show({self.at})")

    def button(self, name):
        """JavaScript: the button of that text, or a tile of that name."""
        texts = "b.innerText.split(' = ')[0].trim()"
        buttons = f"[...{self.at}.node.querySelectorAll('button')]"
        return f"{buttons}.find(b => {texts} === {name!r} && !b.disabled)"

    def press(self, *names):
        """Press buttons, each when the kernel has heard what was set before it."""
        for name in names:
            self.until(self.button(name))
            self.page.evaluate("() => look.heard()")
            self.page.evaluate(f"() => {self.button(name)}.focus()")
            self.page.keyboard.press("Space")

    def until(self, condition, patience=PATIENCE):
        try:
            self.page.wait_for_function(f"() => {condition}", timeout=patience)
        except TimeoutError as error:
            said = f"waited in vain: {condition}\nthe cell says:\n{self.text}"
            raise AssertionError(said) from error

    def says(self, text, patience=PATIENCE):
        self.until(f"{self.at}.node.innerText.includes({text!r})", patience)

    @property
    def text(self):
        return self.page.evaluate(f"() => {self.at}.node.innerText")

    def quantity(self, name):
        selector = f'[data-q="{name}"]'
        return f"{self.at}.node.querySelector({selector!r}).textContent"
