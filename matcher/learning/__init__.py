"""Learning from judgements: the score's weights refitted, versioned, taken back."""
