# Every command makes ready by itself what it needs; `make help` lists them.
# HOST=, PORT=, HOUQIN_HOME=, DATABASE_URL= and REDIS_URL= may be given behind the command.
PYTHON ?= python3
READY = exec $(PYTHON) bin/bootstrap.py
TESTS ?=
ROWS ?= 100000

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check format messages lock benchmark

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

demo: ## Run the whole site with made-up data until Ctrl-C
	@$(READY) -- python -m houqin.demo

demo-reset: ## Forget the demo's data
	@$(READY) -- python -m houqin.demo reset

test: ## Run all tests (TESTS="tests/web -k paging" for some)
	@$(READY) --dev --browser -- python -m pytest -n 2 --dist loadgroup $(TESTS)

check: ## Lint, format, types, floors, migrations, settings, templates, translations
	@$(READY) --dev --gettext -- python bin/check.py

format: ## Put the Python files into their format
	@$(READY) --dev -- sh -c 'ruff check --fix --quiet . ; ruff format --quiet .'

messages: ## Collect the translatable strings into locale/
	@$(READY) --dev --gettext -- env DJANGO_SETTINGS_MODULE=houqin.settings.test python manage.py makemessages --locale zh_Hans --no-location

lock: ## Renew the pinned versions
	@$(READY) --dev -- python bin/lock.py

benchmark: ## Measure pages and files beside their floors (ROWS=1000000 for more rows)
	@$(READY) -- python -m benchmarks --rows $(ROWS)
