"""The tables that a run prints."""


def verdict(met: bool) -> str:
    """Say it in one word."""
    return "met" if met else "MISSED"


def line(*cells: object) -> None:
    """Print a line of a table."""
    print(f"| {' | '.join(map(str, cells))} |")


def heads(*names: str) -> None:
    """Print the first two lines of a table."""
    print()
    line(*names)
    line(*["---"] * len(names))
