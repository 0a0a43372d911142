"""What figures are asked beyond those of a ranking: how sure, how calibrated, for whom."""
