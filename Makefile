# Every target sets up .venv by itself; a fresh machine needs only Python 3.11 or later, git and make.

# The first Python that runs, is recent enough and can make a virtual environment (a name on the
# PATH alone proves nothing). Another one: make setup PYTHON=/path/to/python
SUITS := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c '$(SUITS)' >/dev/null 2>&1; then echo $$p; break; fi; done)

VENV := .venv
RUN := $(VENV)/bin/python -m
READY := $(VENV)/.ready
HOSTS := $(VENV)/.hosts
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

SUITE := $(sort $(wildcard notebooks/*.ipynb))
NOTEBOOKS ?= $(SUITE)
LAB_ARGS ?=
# Defaults for this JupyterLab, such as no question about news; whoever set theirs keeps them.
lab: export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter$(addprefix :,$(JUPYTER_CONFIG_PATH))
# Jupyter refuses to run as root unless it is told to; in a container there is often no other user.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
PYTEST_ARGS ?=
LOCK_ARGS ?=

.PHONY: help python setup lab test nightly nbval notebooks site format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

python: ## show which Python the set-up uses
	@if [ -n "$(PYTHON)" ] && "$(PYTHON)" -c '$(SUITS)' >/dev/null 2>&1; then echo "$(PYTHON)"; else \
	echo "backprop_lab needs Python 3.11 or later with its venv and ensurepip modules; \
	$(if $(PYTHON),$(PYTHON) is not one,none was found)." >&2; \
	echo "Debian and Ubuntu: apt install python3 python3-venv. Name one: make setup PYTHON=/path/to/python" >&2; \
	exit 1; fi

setup: $(READY) ## set up .venv from requirements.lock

# Made anew, never patched, when the lock or the project's own metadata changes. Compiled at once, as
# pip does and uv does not: where Python writes no bytecode (PYTHONDONTWRITEBYTECODE, in many
# containers) every kernel would compile SymPy and all else that it imports, for 5 to 10 seconds.
$(READY): requirements.lock pyproject.toml
	@$(MAKE) --no-print-directory -s python >/dev/null
	@echo "Setting up $(VENV), this once."
	@"$(PYTHON)" -m venv --clear $(VENV)
	@UV_COMPILE_BYTECODE=1 $(VENV)/bin/python .ci/install.py
	@touch $@

lab: $(READY) ## trust the notebooks and open JupyterLab (LAB_ARGS="--no-browser --port 8890")
	$(RUN) jupyter trust $(SUITE)
	$(RUN) jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(AS_ROOT) $(LAB_ARGS)

test: $(READY) ## lint, then every test: unit, notebooks, browser (REQUIRE_BROWSER=1: fail without Chromium)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) pytest --nbval -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS) tests notebooks

nightly: $(HOSTS) ## what is not in `make test`: Notebook 7, Voilà, the soak test, every other processor
	REQUIRE_BROWSER=1 REQUIRE_HOSTS=1 $(RUN) pytest -m nightly $(PYTEST_ARGS) tests
	$(RUN) pytest --nbval -m nightly -n 2 $(PYTEST_ARGS) notebooks

# The newest hosts that go with what the lock has installed, which stays as it is.
$(HOSTS): $(READY)
	@$(VENV)/bin/python -m pip freeze --quiet --exclude-editable > $(VENV)/.locked
	@$(VENV)/bin/python $(PIP_INSTALL) --no-build-isolation -c $(VENV)/.locked -e ".[hosts]"
	@touch $@

nbval: $(READY) ## run the notebooks and compare with what is stored (NOTEBOOKS=notebooks/01_xor_walkthrough.ipynb)
	$(RUN) pytest --nbval $(PYTEST_ARGS) $(NOTEBOOKS)

notebooks: $(READY) ## run the notebooks, here and as if elsewhere, and store the results (NOTEBOOKS=...)
	$(RUN) tests.confirm $(NOTEBOOKS)

site: $(READY) ## all notebooks as web pages in _site: they need no kernel and no network
	rm -rf _site
	$(VENV)/bin/python pages/build.py _site

format: $(READY) ## format package, tests and notebooks, mend what ruff can mend
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

# In a virtual environment of its own, so that a lock that does not install can be replaced.
lock: python ## make the two locks from pyproject.toml (LOCK_ARGS=--upgrade for newer versions)
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	"$(PYTHON)" -m venv "$$tmp" && "$$tmp/bin/python" $(PIP_INSTALL) uv && \
	compile() { "$$tmp/bin/uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--fork-strategy fewest --no-strip-extras --no-emit-index-url --custom-compile-command "make lock" $(LOCK_ARGS) "$$@"; } && \
	compile --extra test --extra site pyproject.toml --output-file requirements.lock && \
	compile --group setup --output-file requirements-uv.lock

clean: ## remove .venv, _site and all caches
	rm -rf $(VENV) _site .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} + -o -name .ipynb_checkpoints -prune -exec rm -rf {} +
