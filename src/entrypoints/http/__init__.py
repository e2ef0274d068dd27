"""The HTTP entrypoint: one file per resource, around one way of reading and one of answering."""
