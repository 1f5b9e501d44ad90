"""Load drivers and their floors: what the product does in a rush, held against what the same
machine does without it. See bench/README.md.
"""
