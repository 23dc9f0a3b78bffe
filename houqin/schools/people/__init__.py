"""People and their posts: who they are, who holds what, who leaves."""

from houqin.schools.people.holders import people_with

__all__ = ["people_with"]
