"""Standing orders (固定订餐): meals ordered by themselves, week after week."""
