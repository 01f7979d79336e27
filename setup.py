"""Set-up: pyproject.toml says the rest. The headers are shipped inside the package, from their one copy in include/."""

from setuptools import find_packages, setup

setup(
    cffi_modules=["build_ffi.py:ffibuilder"],
    packages=[*find_packages("src"), "plugin_interfaces.include"],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
    package_dir={"": "src", "plugin_interfaces.include": "include"},
)
