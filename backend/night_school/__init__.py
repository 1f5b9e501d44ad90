"""Happiness Night School (幸福夜校): courses, runs, lessons, enrolment and attendance."""
