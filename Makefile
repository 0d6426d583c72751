# The two commands to begin with are `make run` and `make test`; each does all of its own set-up.
.PHONY: run test bench build format lint simulate clients clean

SEEDS ?= 10000
FROM ?= 1

run: ## Build, start a database and a laboratory with some drift, audit it
	@scripts/demo

test: ## Everything: style, the purity of Core, all tests
	@scripts/test

build:
	@scripts/prepare
	swift build

format: ## Lay out the sources as .swift-format says
	swift format -i --parallel -r Sources Tests Package.swift

lint:
	@scripts/check-core
	swift format lint --strict --parallel -r Sources Tests Package.swift

bench: ## What grows with the fleet, each figure beside its goal and its floor
	@scripts/bench

simulate: ## Any number of seeds: make simulate SEEDS=100000 FROM=1
	swift run -c release zlh-simulate --seeds $(SEEDS) --from $(FROM)

clients: ## Try the laboratory with clients that other people wrote (needs PyPI)
	scripts/try-clients

clean:
	rm -rf .build
