"""What several sources do alike."""
