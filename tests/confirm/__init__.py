"""Stored notebooks: `store` writes them in one canonical form, `strict` confirms all they show."""
