"""Read result files of load tests and CI: numbers that know their unit and their samples.

``formats.read_results`` is the whole door: paths in, one ``Result`` a file out, never raising for what a file holds. A
file that is empty, truncated or of a run in which nothing succeeded still gives a result, one with a ``fault``, so that
no gate can take it for a good one. Nothing is imported here: specs need the units of ``quantities``, and no reader.
"""
