"""Turns the server's built-in model into one that semble loads: usage model2vec_model.py MODEL_FOLDER TARGET_FOLDER.

The rows are the same; the tokenizer is the nearest that the format offers (lower case, then WordPiece), so the vectors
are alike, not equal: they do for time and memory, and say nothing about semble's ranking with its own model.
"""

import json
import sys
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from safetensors.numpy import load_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

source, target = Path(sys.argv[1]), sys.argv[2]
tensors = load_file(source / "model.safetensors")
rows = tensors["embeddings"].astype(np.float32) * tensors["scales"][:, None]
tokens = (source / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
vocabulary = {token: number for number, token in enumerate([*tokens, "[UNK]"])}
rows = np.vstack([rows, np.zeros((1, rows.shape[1]), np.float32)])

tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
StaticModel(rows, tokenizer, normalize=True).save_pretrained(target)
print(json.dumps({"dimensions": rows.shape[1]}))
