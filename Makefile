# What people type. `.ci/run` is `make check test`.

CARGO ?= cargo

# The version that was tried; it stays out of the way of the machine's own tools.
DENY_VERSION := 0.20.2
TOOLS := target/tools
export PATH := $(CURDIR)/$(TOOLS)/bin:$(PATH)

.PHONY: help demo test needs check fmt clippy doc deny bench

help:
	@echo 'make demo    a rollout and a rollback on the sample service'
	@echo 'make test    install what the tests need, then run them all'
	@echo 'make check   format, lints, documentation, licences'
	@echo 'make bench   speed and memory, beside the floor and yq'

demo:
	$(CARGO) run --locked --example holograph

test: needs
	scripts/within 2400 $(CARGO) test --locked

# Real shells, metrics servers and tools that the tests drive.
needs:
	scripts/needs

check: fmt clippy doc deny

fmt:
	$(CARGO) fmt --check

clippy:
	$(CARGO) clippy --locked --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items

# Without advisories: their database is on GitHub, where the public workflow asks it.
deny:
	command -v cargo-deny >/dev/null || $(CARGO) install cargo-deny --version $(DENY_VERSION) --locked --no-default-features --root $(TOOLS)
	$(CARGO) deny --locked check bans licenses sources

bench:
	$(CARGO) bench --locked --bench speed
