"""What classes cost and who has paid: marked by staff; online payment would use the same states."""
