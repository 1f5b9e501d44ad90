"""Planning classes: weekly hours become dated lessons, looked at with every clash, then written."""
