"""One reader a family of formats: bytes in, a draft out. Knows nothing of files and stores."""
