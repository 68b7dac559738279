"""How alike two tasks are, by several measures of which none needs the study's results.

Per task one job (`embedding`) makes what the measures compare; one job (`comparison`) compares.
"""
