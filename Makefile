# make run     set everything up and play a conversation
# make serve   a site in var/site, running
# make test    all tests          make check   style, types, imports
# make bench   how fast, against peers in the same run          make soak   ten minutes of everything going wrong

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTS := $(VENV)/.tests

.PHONY: run serve test check manual bench soak lock wheel-test clean

run: $(READY)
	$(BIN)/maild demo

serve: $(READY)
	@test -f var/site/maild.toml || $(BIN)/maild init var/site
	$(BIN)/maild serve --site var/site

test: $(TESTS)
	$(BIN)/pytest -n 3 --dist loadgroup

check: $(TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tables of docs/admin.md, from those of the code.
manual: $(READY)
	$(BIN)/python tools/manual.py

bench: $(TESTS)
	$(BIN)/python -m tests.bench

# Everybody at once while things break; then the accounts: make soak MINUTES=10 SEED=1
MINUTES ?= 10
SEED ?= 1
soak: $(TESTS)
	$(BIN)/python -m tests.bench.soak $(MINUTES) $(SEED)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "maild needs Python 3.11 or later; this is $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || ./tools/need-venv $(PYTHON) $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock --editable '.[lang,postgres]'
	@touch $(READY)

$(TESTS): $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $(TESTS)

# What CI installs, version by version; run after changing dependencies in pyproject.toml.
lock:
	$(PYTHON) -m venv /tmp/maild-lock
	/tmp/maild-lock/bin/pip install --quiet '.[test,postgres,lang]'
	/tmp/maild-lock/bin/pip freeze --exclude maild --all | grep -v '^\(pip\|setuptools\|wheel\)==' > requirements.lock
	rm -rf /tmp/maild-lock build

# The wheel, alone in an empty environment of the system's own Python.
wheel-test: $(READY)
	rm -rf dist .venv-wheel
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	$$(command -v /usr/bin/python3 || echo $(PYTHON)) -m venv .venv-wheel
	.venv-wheel/bin/pip install --quiet --disable-pip-version-check -c requirements.lock dist/maild-*.whl
	cd /tmp && $(CURDIR)/.venv-wheel/bin/maild demo

clean:
	rm -rf .venv .venv-wheel dist build var
