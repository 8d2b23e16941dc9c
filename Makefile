# Every target works on a bare machine: python3 (3.11 or later) with its venv module is all it needs.
PYTHON ?= python3
PORT ?= 8000
PYTEST_ARGS ?=
export PORT PYTEST_ARGS

.PHONY: help setup run test test-long check bench bench-sense clean

help:
	@echo "make run         set everything up and serve the portal at http://127.0.0.1:$(PORT) (PORT=8001 for another)"
	@echo "make setup       environment and database ready, nothing served; then .venv/bin/python manage.py ..."
	@echo "make test        every test, the browser's too (PYTEST_ARGS='-m \"not system\"' leaves the browser out)"
	@echo "make test-long   the tests that take long"
	@echo "make check       style, types, templates, imports, migrations, known vulnerabilities"
	@echo "make bench       the portal beside its floors; writes bench-results.json"
	@echo "make bench-sense simulation of the sense check; writes bench-sense.json"
	@echo "make clean       stop leftover servers and delete everything generated, the local database included"

setup run test test-long check bench bench-sense clean:
	@$(PYTHON) -m awarding.launcher $@
