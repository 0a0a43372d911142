"""What a service keeps of people: who may read what, and who did what."""
