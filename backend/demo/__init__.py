"""The demo district: an invented district of real size, the same on every load, never stale."""
