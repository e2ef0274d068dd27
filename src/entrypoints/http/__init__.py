"""The HTTP entrypoint: one file per resource."""
