"""What surrounds a rule's script while it runs: locks, claims, interruptions, resources."""
