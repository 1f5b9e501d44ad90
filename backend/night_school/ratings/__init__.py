"""Ratings (评价): how a lesson was, from 1 to 5, with a comment that only staff read."""
