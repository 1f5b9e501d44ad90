"""Ordering meals: one order per person and meal, its lines and who pays what of them."""
