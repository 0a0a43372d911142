"""Where work that comes in many pieces is done: processes of this machine, or a Ray cluster."""
