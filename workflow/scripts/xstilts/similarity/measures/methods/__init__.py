"""How measures compare, shared by several of them; heavy, so that measures import it late."""
