"""How the world gets in: HTTP, the command line, settings and the container."""
