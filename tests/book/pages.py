"""The pages of the book and their fenced blocks, for the scripts of this folder."""

import dataclasses
import pathlib
import re

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
FILE = re.compile(r"^ *<!-- file: (\S+) -->$")
IN_CLONE = "<!-- commands: clone -->"


class PageError(Exception):
    """A page that breaks a rule, or a command of it that does not do what the page says."""


@dataclasses.dataclass
class Block:
    """A fenced block of a page."""

    # The line of its fence, from 1.
    line: int
    # The first word of the fence, such as `sh`.
    language: str
    # The words after it, such as `background`.
    tags: list[str]
    text: str
    # The file that the page's commands find the block in.
    file: str | None
    # Whether commands run in the root of the repository, and not in a folder of the page.
    in_clone: bool

    @property
    def is_output(self) -> bool:
        return self.language == "text" and "output" in self.tags

    @property
    def commands(self) -> list[str]:
        """The commands of a `sh` block: its lines, with continued lines joined and here-documents left out."""
        lines, end = [], None
        for line in self.text.replace("\\\n", " ").splitlines():
            if end is not None:
                end = None if line.strip() == end else end
                continue
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            lines.append(line.strip())
            if document := re.search(r"<<-?\s*['\"]?(\w+)", line):
                end = document[1]
        return lines


def blocks(path: pathlib.Path) -> list[Block]:
    """Returns the fenced blocks of a page."""
    found: list[Block] = []
    fence = file = None
    in_clone = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if fence is not None:
            if line.strip().startswith(fence["fence"]) and not line.strip().strip(fence["fence"][0]):
                fence = None
            else:
                block = found[-1]
                block.text += line.removeprefix(fence["indent"]) + "\n"
        elif fence := FENCE.match(line):
            language, *tags = fence["info"].strip().split(",")
            found.append(Block(number, language, [tag.strip() for tag in tags], "", file, in_clone))
            file = None
        elif line == IN_CLONE:
            in_clone = True
        elif line.strip():
            file = match[1] if (match := FILE.match(line)) else None
    if fence is not None:
        raise PageError(f"{path}:{found[-1].line}: the block does not end")
    return found


def pages(root: pathlib.Path) -> list[pathlib.Path]:
    """Returns the README and the pages of the book, in the order of its table of contents."""
    docs = root / "docs"
    names = re.findall(r"\]\(([^)]+\.md)\)", (docs / "SUMMARY.md").read_text())
    return [root / "README.md", *(docs / name for name in names)]


def pages_with_commands(root: pathlib.Path) -> list[pathlib.Path]:
    """Returns the pages that have a command block."""
    return [page for page in pages(root) if any(block.language == "sh" for block in blocks(page))]
