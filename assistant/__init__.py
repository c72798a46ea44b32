"""The school policy assistant: questions answered with cited clauses, in chat and in the browser."""
