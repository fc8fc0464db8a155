.PHONY: check test bench

check: ## what every change must pass
	bash .ci/run

test:
	python3 bootstrap.py test

bench:
	.venv/bin/python -m benchmarks
