# Two commands do it all: `make run` and `make test`.
# A virtual environment in .venv, from lock files with hashes; nothing is installed outside it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes
SELF   := --no-deps --no-build-isolation --disable-pip-version-check --quiet -e .

.PHONY: run test docs gallery bench bench-overlap bench-ellipsoid bench-desk bench-rasters invariants fuzz layers schema samples pictures lock clean

run: $(VENV)/run.stamp  ## the main job on the built-in plan → out/jiaozuo/
	$(BIN)/zoneplan run jiaozuo --parcels data/samples/parcels.geojson --out out/jiaozuo

test: $(VENV)/test.stamp  ## every check
	@$(BIN)/python scripts/left_out.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zoneplan build jiaozuo --check --out layers/jiaozuo
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs out/docs
	$(BIN)/python -m pytest -n auto --dist worksteal

docs: $(VENV)/test.stamp  ## the documentation site → out/docs/index.html, no network needed
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs out/docs

gallery: $(VENV)/test.stamp  ## run the notebooks → out/gallery/index.html, no network needed
	$(BIN)/python scripts/make_gallery.py

bench: $(VENV)/test.stamp  ## timings of build, audit and check
	$(BIN)/python benchmarks/main_job.py

bench-overlap: $(VENV)/test.stamp  ## overlap areas against geopandas.overlay and sedonadb
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --group peers
	$(BIN)/python benchmarks/overlap.py

bench-ellipsoid: $(VENV)/run.stamp  ## ellipsoidal areas against a loop over pyproj's geodesic areas
	$(BIN)/python benchmarks/ellipsoid.py

bench-desk: $(VENV)/test.stamp  ## one parcel, and a hundred thousand from file to papers
	$(BIN)/python benchmarks/desk.py

bench-rasters: $(VENV)/run.stamp  ## 20,000 × 20,000 heights in bounded memory
	$(BIN)/python benchmarks/rasters.py

invariants: $(VENV)/run.stamp  ## two million parcels: what must hold, holds
	$(BIN)/python benchmarks/invariants.py

fuzz: $(VENV)/test.stamp  ## ten thousand damaged files: read or refused, nothing else
	$(BIN)/python scripts/fuzz_readers.py

layers: $(VENV)/run.stamp  ## compile layers/jiaozuo/ again
	$(BIN)/zoneplan build jiaozuo --format geojson --out layers/jiaozuo

schema: $(VENV)/run.stamp  ## generate the plan document's JSON Schema again
	$(BIN)/python scripts/make_schema.py

samples: $(VENV)/run.stamp  ## make the invented sample parcels and rasters again
	$(BIN)/python scripts/make_sample_parcels.py jiaozuo data/samples/parcels.geojson
	$(BIN)/zoneplan convert data/samples/parcels.geojson data/samples/parcels.txt --rename note=DKMC
	$(BIN)/python scripts/make_sample_rasters.py jiaozuo data/samples

pictures: $(VENV)/test.stamp  ## take the pictures of the map that tests compare with again; look at them
	$(BIN)/python -m pytest tests/test_pictures.py -q -p no:xdist --renew-pictures

lock: $(VENV)/uv.stamp  ## resolve the lock files again
	$(BIN)/python scripts/lock.py

clean:
	rm -rf $(VENV) out dist src/zoneplan/render/vendor

$(VENV)/uv.stamp:
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed; say which: make PYTHON=python3.11 …')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(VENV)/run.stamp: requirements.lock pyproject.toml hatch_build.py web/package-lock.json | $(VENV)/uv.stamp
	$(UV) -r requirements.lock
	command -v npm >/dev/null || $(UV) -r requirements-npm.lock
	$(BIN)/python -m pip install $(SELF)
	@touch $@

$(VENV)/test.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(UV) -r requirements-dev.lock
	@touch $@
