# What people type. The work is done by the scripts in ci/, which can be run by themselves.

.DEFAULT_GOAL := help
.PHONY: help run cluster test quick lint bench nightly scenarios coverage clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## install what is missing, build, run one stand-alone master on 127.0.0.1:5050
	@ci/run-master

cluster:  ## the same with a real ZooKeeper and three masters on loopback
	@ci/cluster

test:  ## install, check, build and run every test (about ten minutes on two cores)
	@ci/test

quick:  ## the checks before a commit: format, includes, dev build, unit tests
	@ci/quick

lint:  ## include table, determinism, format, sizes, clang-tidy
	@ci/lint

bench:  ## build and run the benchmarks; the log's figures beside their limits (about two minutes)
	@ci/bench

nightly:  ## the long lanes: sanitizers, clang, more seeds, repeated end-to-end tests
	@ci/nightly

scenarios:  ## every scenario with seeds 1..200 in the simulator
	@ci/scenarios

coverage:  ## unit tests with line coverage, as HTML in build/coverage/report
	@ci/coverage

clean:  ## remove what was built (build/) and what masters and tests left (var/)
	@rm -rf build var && echo "removed build/ and var/"
