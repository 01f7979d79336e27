"""How fast the package is: each path beside the least it can take in C, and beside what others do for the same.

`make bench` runs it. What is measured: one module of `paths` for each path; with what: `case` and `measure`.
"""
