# The two commands to begin with are `make run` and `make test`; each does all of its own set-up.
.PHONY: run test bench build release install deb format lint simulate clients clean mutants fuzz compare

SEEDS ?= 10000
FROM ?= 1
SECONDS ?= 60
SEED ?= 1
FIELDS ?= 10000000

run: ## Build, start a database and a laboratory with some drift, audit it
	@scripts/demo

test: ## Everything: style, the purity of Core, all tests
	@scripts/test

build:
	@scripts/prepare
	swift build

release:
	@scripts/prepare
	swift build -c release --static-swift-stdlib --scratch-path .build/static --product zlh-controller

install: ## What was built with `make release`, unit and example configuration: DESTDIR, PREFIX
	@scripts/install

deb: ## A Debian package in .build/package
	@scripts/prepare
	@scripts/make-deb

format: ## Lay out the sources as .swift-format says
	swift format -i --parallel -r Sources Tests Package.swift

lint:
	@scripts/check-core
	swift format lint --strict --parallel -r Sources Tests Package.swift

bench: ## What grows with the fleet, each figure beside its goal and its floor
	@scripts/bench

simulate: ## Any number of seeds of audits, leadership, daemons and messages, and every death at every step: make simulate SEEDS=100000 FROM=1
	swift build -c release --product zlh-simulate
	.build/release/zlh-simulate --seeds $(SEEDS) --from $(FROM)
	.build/release/zlh-simulate --leadership --seeds $(SEEDS) --from $(FROM)
	.build/release/zlh-simulate --daemon --seeds $(SEEDS) --from $(FROM)
	.build/release/zlh-simulate --messages --seeds $(SEEDS) --from $(FROM)
	.build/release/zlh-simulate --crashes

fuzz: ## libFuzzer over every decoder: make fuzz SECONDS=60 SEED=1 DECODERS="cloudflare agent"
	@scripts/prepare
	SECONDS_EACH=$(SECONDS) SEED=$(SEED) scripts/fuzz $(DECODERS)

compare: ## Equal things in other clothes, ten million fields of them: make compare FIELDS=10000000
	@scripts/prepare
	swift run -c release zlh-compare --fields $(FIELDS)

clients: ## Try the laboratory with clients that other people wrote (needs PyPI)
	scripts/try-clients

mutants: ## Plant bugs, and show that the simulations catch each
	scripts/mutants

clean:
	rm -rf .build
