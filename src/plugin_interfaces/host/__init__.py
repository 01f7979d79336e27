"""The host: finds plugins, loads them, and runs their instances."""
