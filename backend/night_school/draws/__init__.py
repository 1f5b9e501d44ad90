"""First come, or draw: places dealt among all who applied, so that anybody can check it."""
