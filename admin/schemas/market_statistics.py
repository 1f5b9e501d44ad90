"""What the statistics of markets are about."""

from admin.schemas.base import Asked, IdField
from admin.schemas.room_statistics import PeriodFields


class MarketStatisticsFilter(PeriodFields, Asked):
    """The place and the period or the days from and to; or one market day."""

    place_id = IdField()
    market_day_id = IdField()
