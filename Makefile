# Everything there is to do here, by name. `make help` lists it; every target can be repeated.

BIN := .venv/bin

.PHONY: help demo demo-anew test check client client-types translations lock bench clean
.DEFAULT_GOAL := help

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: .venv/demo.stamp ## Serve a demo district: client, console, residents' phones; Ctrl-C ends it
	@bin/demo

demo-anew: .venv/demo.stamp ## The same, the district loaded anew, as it looks today
	@bin/demo --replace

test: .venv/dev.stamp ## All tests, on both databases and in a browser; ARGS="-k word" picks some of pytest's
	@$(BIN)/python -m bin.test $(ARGS)

check: .venv/dev.stamp ## Format, lint, check types; with CI=true the format is only checked
	@echo "Format (ruff)"
	@$(BIN)/ruff format $(if $(filter true,$(CI)),--check,) .
	@echo "Lint (ruff)"
	@$(BIN)/ruff check .
	@echo "Types (mypy, strict on backend/; about a minute the first time)"
	@$(BIN)/mypy
	@$(BIN)/python -m bin.client check

client: .venv/demo.stamp ## Build the client for a district's WX_APPID and API_BASE; ARGS=h5: for browsers only
	@$(BIN)/python -m bin.client release $(ARGS)

client-types: .venv/demo.stamp ## Generate the client's types of the API from its OpenAPI document
	@$(BIN)/python -m bin.client types

translations: .venv/dev.stamp ## Collect the texts for translation into English
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext --no-wrap --sort-output \
		--add-location=file --omit-header -o build/messages.pot .
	@$(BIN)/pybabel -q update -i build/messages.pot -d backend/translations -l en \
		--no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date
	@echo "backend/translations/en/LC_MESSAGES/messages.po: fill in what is empty."

lock: .venv/dev.stamp ## Write constraints.txt anew from setup.cfg; ARGS=--upgrade takes newer versions
	@echo "Resolving versions (about a minute)"
	@$(BIN)/pip-compile -q $(ARGS) --strip-extras --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --no-header --extra dev --extra demo --extra node -o constraints.txt setup.cfg

bench: .venv/dev.stamp ## Measure sign-ups and browsing against their floors; ARGS="--quick"
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove all that make has made: .venv, the client's packages and builds, caches, demo data
	@rm -rf .venv miniprogram/node_modules miniprogram/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis build *.egg-info \
		var/demo
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/demo.stamp: constraints.txt setup.cfg pyproject.toml bin/install.py
	@$(call boot) bin/install.py demo

.venv/dev.stamp: constraints.txt setup.cfg pyproject.toml bin/install.py
	@$(call boot) bin/install.py dev

# Any Python will do to find the right one; without any there is a sentence.
boot = command -v python3 >/dev/null || { echo "Python is not installed. Install Python 3.11 or \
newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }; python3
