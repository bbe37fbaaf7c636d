"""Indexes a tree with semble and times queries: usage semble_run.py TREE MODEL < {"questions": [...], "changes": [...]}.

A second run and a run after the changes are those of its command line and MCP server: what it saved is taken up again.
`changes` lists lines to append to files of the tree.
"""

import json
import logging
import sys
import time
from pathlib import Path

from semble import SembleIndex
from semble.cache import save_index_to_cache
from semble.types import ContentType

EVERYTHING = (ContentType.CODE, ContentType.DOCS, ContentType.CONFIG)


def build(tree, model):
    """Seconds until the index can be searched, and the index, which is then saved."""
    started = time.perf_counter()
    index = SembleIndex.from_path(tree, content=EVERYTHING, model_path=model)
    seconds = time.perf_counter() - started
    save_index_to_cache(index, tree)
    return seconds, index


def time_questions(index, questions):
    """Milliseconds of each question; some others come before, so that nothing is cold."""
    for question in questions[:20]:
        index.search(f"{question} {question}", top_k=10)
    milliseconds = []
    for question in questions:
        started = time.perf_counter()
        index.search(question, top_k=10)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return milliseconds


def main():
    logging.disable(logging.WARNING)
    tree, model = sys.argv[1], sys.argv[2]
    request = json.load(sys.stdin)
    seconds, index = build(tree, model)
    print('{"phase": "indexed"}', flush=True)
    stats = index.stats
    result = {"files": stats.indexed_files, "chunks": stats.total_chunks, "seconds": seconds}
    result["milliseconds"] = time_questions(index, request["questions"])
    result["noopSeconds"], _ = build(tree, model)
    for change in request["changes"]:
        file = Path(tree) / change["path"]
        file.write_text(file.read_text(encoding="utf-8") + change["line"], encoding="utf-8")
    result["changedSeconds"], _ = build(tree, model)
    print(json.dumps(result))


# Its processes import this file again.
if __name__ == "__main__":
    main()
