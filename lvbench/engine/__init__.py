"""Plan a run, score videos in one pass, write their records, aggregate."""
