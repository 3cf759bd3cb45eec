.DEFAULT_GOAL := help
.PHONY: help run test lint types bench bench-dashboards faults ci openapi lock
PY := .venv/bin/python

help:
	@echo "make run      start Mendline: broker, web, worker and beat (PORT, MENDLINE_DATA)"
	@echo "make test     the whole test suite on SQLite and the embedded broker"
	@echo "make lint     code style, import contracts and missing migrations"
	@echo "make types    static types"
	@echo "make bench    benchmarks, as ratios within one run"
	@echo "make bench-dashboards   what outcomes of groups cost; BENCH_DATABASE_URL names a"
	@echo "              PostgreSQL to do it on as well, up to ten million scores"
	@echo "make faults   kill, stop and starve what sends, and print what held (hours;"
	@echo "              FAULTS_DATABASE_URL names a PostgreSQL to do the same on;"
	@echo "              FAULTS='--only REL-03 --due 200' picks and sizes)"
	@echo "make ci       everything that must pass: exactly .ci/run"
	@echo "make openapi  write docs/openapi.yaml anew"
	@echo "make lock     compile the lock files anew from pyproject.toml"

run:
	@requirements/sync.sh run
	@exec $(PY) -m config.run

test:
	@requirements/sync.sh dev
	$(PY) -m pytest -n 2 -m "not browser"

lint:
	@requirements/sync.sh dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run

types:
	@requirements/sync.sh dev
	$(PY) -m mypy

bench:
	@requirements/sync.sh dev
	$(PY) -m benchmarks.tick_idle
	$(PY) -m benchmarks.evaluation_page
	$(PY) -m benchmarks.survey_page
	$(PY) -m benchmarks.patient_search
	$(PY) -m benchmarks.lot_search
	$(PY) -m benchmarks.due_cycle
	$(PY) -m benchmarks.replan
	$(PY) -m benchmarks.submit

bench-dashboards:
	@requirements/sync.sh dev
	$(PY) -m benchmarks.dashboards --scores 10000 1000000
	test -z "$$BENCH_DATABASE_URL" || DATABASE_URL="$$BENCH_DATABASE_URL" \
		$(PY) -m benchmarks.dashboards --scores 10000 1000000 10000000
	test -z "$$BENCH_DATABASE_URL" || DATABASE_URL="$$BENCH_DATABASE_URL" \
		$(PY) -m benchmarks.outcome_export

faults:
	@requirements/sync.sh dev
	$(PY) -m benchmarks.faults $(FAULTS)
	test -z "$$FAULTS_DATABASE_URL" || \
		DATABASE_URL="$$FAULTS_DATABASE_URL" $(PY) -m benchmarks.faults $(FAULTS)

ci:
	@.ci/run

openapi:
	@requirements/sync.sh dev
	$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

lock:
	@requirements/sync.sh dev
	$(PY) -m uv pip compile pyproject.toml --universal --python-version 3.11 \
		--generate-hashes --no-header -o requirements/run.txt
	$(PY) -m uv pip compile pyproject.toml --group dev -c requirements/run.txt \
		--universal --python-version 3.11 --generate-hashes --no-header \
		-o requirements/dev.txt
