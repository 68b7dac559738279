"""The tiny encoder of the tests of training, for heads."""

from helpers.workshop_fixtures import one_thread, workshop

__all__ = ["one_thread", "workshop"]
