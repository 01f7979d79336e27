"""How fast a plugin's chunks reach clients over the protocol, and what a client costs the server."""
