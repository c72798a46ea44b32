"""The use cases, plain functions. A use case's parameters are its powers."""
