"""How fast the web client is, in a real browser."""
