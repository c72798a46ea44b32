"""Documents in, cited clauses out. Knows nothing of chat, people or storage."""
