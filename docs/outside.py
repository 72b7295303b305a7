#!/usr/bin/env python3
"""A preprocessor of mdBook: links of the guide to other files of the repository.

On GitHub and in an editor they lead to the files. The book lies elsewhere, and mdBook takes every link to a
`.md` file for one of its own pages. With `git-repository-url` in book.toml, links lead to the repository's
pages; without, to the files of the clone, as seen from target/book.
"""

import json
import posixpath
import re
import sys

# `](../..` of a link or a picture, and `]: ../..` of a reference.
LINK = re.compile(r"(\]\(|^\[[^\]]+\]:\s+)(\.\./[^)\s#]+)", re.MULTILINE)


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    context, book = json.load(sys.stdin)
    html = context["config"].get("output", {}).get("html", {})
    url = html.get("git-repository-url")

    def moved(match):
        target = posixpath.normpath(posixpath.join("docs/guide", match[2]))
        if url and target.endswith(".png"):
            return f"{match[1]}{url}/raw/HEAD/{target}"
        if url:
            return f"{match[1]}{url}/tree/HEAD/{target}"
        return f"{match[1]}../../{target.replace('.md', '%2Emd')}"

    def rewrite(items):
        for item in items:
            if isinstance(item, dict) and "Chapter" in item:
                item["Chapter"]["content"] = LINK.sub(moved, item["Chapter"]["content"])
                rewrite(item["Chapter"]["sub_items"])

    rewrite(book.get("items", book.get("sections", [])))
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    main()
