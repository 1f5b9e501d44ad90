"""Meal accounts (餐卡): purses, holds, and a ledger that is only ever added to."""
