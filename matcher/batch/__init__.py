"""Every record of one side with every record of the other, in shards that are made side by side."""
