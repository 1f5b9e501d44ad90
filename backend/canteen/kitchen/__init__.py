"""The kitchen: what is cooked once orders are closed, on the screen and on paper."""
