"""The networks: one folder each."""
