"""Plain text → reported meetings and flight claims, each field with the words that gave it. Pure; no model, no network."""
