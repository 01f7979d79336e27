"""What a plugin says of itself (`config.toml`), and what the person set (`user.toml`).

The manifest is read without running any code of the plugin. Reading uses tomllib; tomlkit is imported only where a file
is written, because it keeps comments and layout.
"""

from .fields import ConfigField, text_to_value, value_to_text
from .manifest import BuildSection, Manifest, PluginConfig, load_manifest
from .values import UserValues, choices_of, denied_permissions, is_disabled, set_denied, set_disabled

__all__ = [
    "BuildSection",
    "ConfigField",
    "Manifest",
    "PluginConfig",
    "UserValues",
    "choices_of",
    "denied_permissions",
    "is_disabled",
    "load_manifest",
    "set_denied",
    "set_disabled",
    "text_to_value",
    "value_to_text",
]
