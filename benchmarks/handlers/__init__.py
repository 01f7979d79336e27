"""The plugins in Python that are measured, each copied into a folder of its own; those in C are in native."""
