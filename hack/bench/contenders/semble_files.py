"""Lists the files that semble would index of a tree, relative to it: usage semble_files.py TREE."""

import json
import sys
from pathlib import Path

from semble.index.file_walker import walk_files
from semble.index.files import FileStatus, get_extensions, get_file_status
from semble.types import ContentType

root = Path(sys.argv[1]).resolve()
extensions = get_extensions([ContentType.CODE, ContentType.DOCS, ContentType.CONFIG])
files = [file for file in walk_files(root, extensions) if get_file_status(file, file.stat()) is FileStatus.VALID]
print(json.dumps([file.relative_to(root).as_posix() for file in files]))
