"""Benchmarks: each module here is one, found by its name, with `run(options: Options) -> Result`; see `measuring`."""
