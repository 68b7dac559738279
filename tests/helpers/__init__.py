"""What several tests share: toy data, simulated studies, servers."""
