"""Every model call: chat, embeddings, their prices and retries. The only importer of model SDKs."""
