"""The rules, pure: no SDK, no database, no clock of its own. Imports the standard library and index.clauses."""
