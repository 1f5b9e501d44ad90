"""The rules and the tables of Xingfu; knows nothing of HTTP pages or JSON shapes."""
