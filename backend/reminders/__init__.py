"""The outbox: what to tell whom and when, and its delivery."""
