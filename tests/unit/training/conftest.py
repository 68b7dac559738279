"""A tiny random encoder and tiny prepared tasks, so that a whole run takes a blink."""

from helpers.workshop_fixtures import one_thread, workshop

__all__ = ["one_thread", "workshop"]
