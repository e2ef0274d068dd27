"""How the world gets in: by HTTP or by the command line."""
