"""Times a plain BM25 over a tree, the ordinary library as it comes: usage bm25_run.py TREE < {"questions", "files"}.

Files are cut at line borders into pieces of about 1,500 characters.
"""

import json
import sys
import time
from pathlib import Path

import bm25s

PIECE = 1500


def pieces(text):
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > PIECE:
            yield piece
            piece = ""
        piece += line
    if piece:
        yield piece


def main():
    request = json.load(sys.stdin)
    started = time.perf_counter()
    texts = []
    for path in request["files"]:
        texts.extend(pieces((Path(sys.argv[1]) / path).read_text(encoding="utf-8", errors="replace")))
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    seconds = time.perf_counter() - started
    print('{"phase": "indexed"}', flush=True)
    milliseconds = []
    for question in request["questions"]:
        started = time.perf_counter()
        tokens = bm25s.tokenize([question], stopwords="en", show_progress=False)
        index.retrieve(tokens, k=min(10, len(texts)), show_progress=False)
        milliseconds.append((time.perf_counter() - started) * 1000)
    print(json.dumps({"files": len(request["files"]), "chunks": len(texts), "seconds": seconds, "milliseconds": milliseconds}))


if __name__ == "__main__":
    main()
