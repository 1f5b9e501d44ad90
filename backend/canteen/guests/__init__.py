"""Guests (散客): whoever eats without being on file, at full price, in cash; nobody is named."""
