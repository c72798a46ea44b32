"""What is kept: SQLAlchemy tables, and the mapping of rows to values. Text about people is sealed on its way in."""
