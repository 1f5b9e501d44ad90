"""The community canteen (老年食堂): menus, orders, subsidies, meal accounts, the kitchen."""
