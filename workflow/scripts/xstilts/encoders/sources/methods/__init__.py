"""What several sources of encoders share."""
