"""The rules and the tables of Xingfu; knows nothing of HTTP pages or JSON shapes."""

import gc

# A process begins by making a hundred thousand objects that stay. Python would look for garbage
# among them several hundred times (a quarter of the time it takes to start).
gc.set_threshold(50_000, 20, 20)
