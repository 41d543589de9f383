"""Fares of a small railway."""
