/** Decides how a wrapper around a model provider's API reads in Python. */
import type { WrapperSubject } from '../wrapper.ts';

export function pythonWrapper({ label, baseURL, model, keyVariable, tokenLimit }: WrapperSubject): string {
  return `"""Asks ${label}'s models: with a time limit, retries and errors that say what to do."""

from __future__ import annotations

import json
import os
import random
import time
import urllib.error
import urllib.request

API_URL = "${baseURL}/chat/completions"
MODEL = "${model}"
API_KEY_ENV = "${keyVariable}"

RETRIED_STATUSES = {408, 409, 429, 500, 502, 503, 504}


class LlmError(Exception):
    """A call that failed. \`status\` is the HTTP status, None where no answer came."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def complete(
    prompt: str,
    *,
    system: str | None = None,
    model: str = MODEL,
    max_tokens: int = 1024,
    temperature: float | None = None,
    timeout_seconds: float = 30.0,
    max_retries: int = 3,
    url: str = API_URL,
) -> str:
    """Return the model's answer to a prompt.

    Raises LlmError when the key is missing or refused, or when every attempt failed.
    """
    key = os.environ.get(API_KEY_ENV, "").strip()
    if not key:
        raise LlmError(f"Set the environment variable {API_KEY_ENV} to your API key.")
    messages = [{"role": "user", "content": prompt}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    body: dict[str, object] = {"model": model, "messages": messages, "${tokenLimit}": max_tokens}
    if temperature is not None:
        body["temperature"] = temperature
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode("utf-8"),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        method="POST",
    )
    for attempt in range(max_retries + 1):
        is_last = attempt == max_retries
        try:
            with urllib.request.urlopen(request, timeout=timeout_seconds) as response:
                return _text_of(response.read())
        except urllib.error.HTTPError as error:
            if is_last or error.code not in RETRIED_STATUSES:
                raise LlmError(_message_of(error), error.code) from error
            time.sleep(_pause(attempt, error.headers.get("Retry-After")))
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            if is_last:
                raise LlmError(f"No answer from {url}: {error}") from error
            time.sleep(_pause(attempt, None))
    raise AssertionError("unreachable")


def _text_of(data: bytes) -> str:
    try:
        return json.loads(data)["choices"][0]["message"]["content"] or ""
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise LlmError("The answer is not a chat completion.") from error


def _message_of(error: urllib.error.HTTPError) -> str:
    if error.code in (401, 403):
        return f"The API key in {API_KEY_ENV} was refused (HTTP {error.code})."
    return f"HTTP {error.code}: {error.read(500).decode('utf-8', 'replace')}"


def _pause(attempt: int, retry_after: str | None) -> float:
    """Seconds to wait: what the server asks for, else twice as long each time, with some chance in it."""
    if retry_after is not None and retry_after.isdigit():
        return min(float(retry_after), 60.0)
    return min(2.0**attempt, 20.0) * (0.5 + random.random() / 2)


if __name__ == "__main__":
    print(complete("Say hello in one word."))
`;
}
