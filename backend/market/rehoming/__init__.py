"""Slots that are to be no more: whom that hits, where each could go instead, and telling them."""
