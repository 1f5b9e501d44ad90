"""Delivery: each bag to the right door, in runs that one person can carry."""
