"""What a Python plugin needs, checked before it is imported."""

from ..config import Manifest
from ..errors import ManifestError, RequirementError


def check_requirements(manifest: Manifest) -> None:
    """Whether all of `requires` is installed. Errors: RequirementError, with the command that gets it."""
    if not manifest.requires:
        return
    import importlib.metadata

    from packaging.requirements import InvalidRequirement, Requirement

    missing = []
    for text in manifest.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise ManifestError(str(manifest.path), f"requires has {text!r}, which pip cannot read: {error}") from None
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            installed = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append((text, "is not installed"))
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            missing.append((text, f"is installed as {installed}"))
    if missing:
        reasons = "; ".join(f"{text} {reason}" for text, reason in missing)
        command = " ".join(f"'{text}'" for text, _ in missing)
        raise RequirementError(f"plugin {manifest.id}", f"{reasons}. Get it: pip install {command}")
