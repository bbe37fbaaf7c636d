"""Ranks files with semble: usage semble_rank.py MODEL < [{"tree": ..., "questions": [...]}, ...].

Prints, for each tree and each question, the paths of the first ten files. What it indexes is what it indexes by default: code.
"""

import json
import logging
import sys

from semble import SembleIndex


def files_of(index, question):
    """Paths of the first ten files among the best passages."""
    paths = []
    for result in index.search(question, top_k=40):
        path = result.chunk.file_path
        if path not in paths:
            paths.append(path)
    return paths[:10]


def main():
    logging.disable(logging.WARNING)
    found = []
    for request in json.load(sys.stdin):
        index = SembleIndex.from_path(request["tree"], model_path=sys.argv[1])
        found.append([files_of(index, question) for question in request["questions"]])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
