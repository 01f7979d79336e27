"""Write plugins and hosts for the plugin ABI of `plugin_interface.h`."""
