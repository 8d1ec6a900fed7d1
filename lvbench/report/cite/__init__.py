"""Citations and bibliographies."""
