"""The commands of `xingfu`, one module each."""
