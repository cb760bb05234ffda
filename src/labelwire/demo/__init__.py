"""A whole job on real images: upload, find objects, predict, annotate, export, and check that nothing changed.

`labelwire demo` runs it; `job.run` is the job itself, `check.check` its proof.
"""
