# `make help` lists what there is. Variables: PYTHON (any Python 3.11 or newer), VENV (where to install), PYTEST (its arguments).

PYTHON ?= python3
VENV   ?= .venv
PYTEST ?= -n auto --maxprocesses 4 --dist loadfile

PY := $(VENV)/bin/python

# $(call install,REQUIREMENT,NAME[,NAME THAT WOULD DO AS WELL]): make a virtual environment that works, and install into it
# unless the same was installed from the same place before.
define install
@if ! $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	$(PYTHON) -c 'import sys; sys.exit("tarmac needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Try: make $@ PYTHON=python3.12" if sys.version_info < (3, 11) else 0)' && \
	rm -rf "$(VENV)" && $(PYTHON) -m venv "$(VENV)" || exit 1; \
fi; \
want="$(CURDIR) $$(cat pyproject.toml constraints.txt | cksum)"; \
for name in $(2) $(3); do \
	if [ "$$(cat "$(VENV)/.installed-$$name" 2>/dev/null)" = "$$want" ]; then exit 0; fi; \
done; \
echo "Installing into $(VENV); the first time takes a minute or two."; \
PIP_ROOT_USER_ACTION=ignore $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '$(1)' && \
printf '%s' "$$want" > "$(VENV)/.installed-$(2)"
endef

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test torture torture-mail soak bench check format notebooks accuracy clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*## "} {printf "make %-10s %s\n", $$1, $$2}'

setup: ## make .venv and install tarmac
	$(call install,.,run,dev)

setup-dev: ## the same with what development needs
	$(call install,.[dev],dev)

run: setup ## set up, then run the main job on the two recorded cases, offline
	$(VENV)/bin/tarmac demo taipei-2022-08-02
	$(VENV)/bin/tarmac demo ankara-2022-11-14

test: setup-dev ## set up, then run all tests
	$(PY) -m pytest $(PYTEST)

torture: setup-dev ## kill a replay of two days 200 times with SIGKILL, and compare its end (about 20 minutes)
	$(PY) benchmarks/torture.py

soak: setup-dev ## 3 simulated days at 60 s and 30 at 15 minutes, 1,000 aircraft watched (hours); the tables go into docs/reliability.md
	$(PY) benchmarks/soak.py --days 3 --cadence 60 --json soak-3-days.json
	$(PY) benchmarks/soak.py --days 30 --cadence 900 --json soak-30-days.json
	$(PY) benchmarks/soak.py --report docs/reliability.md soak-3-days.json soak-30-days.json

check: setup-dev ## lint, format check, types, and the walls between the rooms
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

torture-mail: setup-dev ## deliver 1,000 alerts to a server that misbehaves and is killed, with tarmac killed 100 times
	$(PY) benchmarks/torture_mail.py

format: setup-dev ## format the code, and mend what the linter can
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

notebooks: setup-dev ## run the notebooks again from their .py, and keep the results in their .ipynb
	$(VENV)/bin/jupytext --to ipynb --execute notebooks/*.py

bench: setup-dev ## speed of reading and detecting, into docs/performance.md
	$(PY) benchmarks/speed.py --out docs/performance.md

accuracy: setup-dev ## write docs/accuracy.md: the landing detector on a made-up sky, and on real flights where TARMAC_TEST_DATA is set
	$(PY) benchmarks/accuracy.py

clean: ## remove .venv, caches and builds; stores and mails stay
	rm -rf "$(VENV)" build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
