"""Links for teachers without an account: the attendance of one class, and nothing else."""
