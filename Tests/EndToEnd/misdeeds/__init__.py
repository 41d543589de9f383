"""The longer ways to an error of giga, by what they go wrong with.

Each function gets a `World` and returns what it met: a reply, or a command that has ended.
"""
