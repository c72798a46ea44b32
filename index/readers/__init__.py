"""One reader a document format: bytes and the file's name in, lines with layout facts out."""
