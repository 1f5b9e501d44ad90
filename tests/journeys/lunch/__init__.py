"""The chapters of one lunch at real size: ordered, cooked, carried, collected, settled."""
