"""Set-up: pyproject.toml says the rest.

The headers and the Rust crate are shipped inside the package, from their one copy in include/ and bindings/rust/.
"""

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

SHIPPED = {"plugin_interfaces.include": "include", "plugin_interfaces.rust": "bindings/rust"}


class BuildPackages(build_py):
    """Of the shipped folders, takes what package-data names: a tool in Python beside the crate stays here."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """No modules, where a folder is shipped for others than Python."""
        return [] if package in SHIPPED else super().find_package_modules(package, package_dir)


setup(
    cffi_modules=["build_ffi.py:ffibuilder"],
    cmdclass={"build_py": BuildPackages},
    packages=[*find_packages("src"), *SHIPPED],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
    package_dir={"": "src", **SHIPPED},
)
