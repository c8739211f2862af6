"""Runs cases of one official library against a server, and prints one JSON line per case: what the library saw, and the raw bytes it got.

The runner (../run.ts) sets the environment and judges the raw bytes once more, by the official TypeScript types.
"""

import json
import os
import sys
import time
import traceback
import urllib.parse
import urllib.request
from typing import Any, Callable, Iterator

import httpx2

BASE = os.environ["CLIENTS_BASE"]
KEY = os.environ["CLIENTS_KEY"]
MOCK = os.environ["CLIENTS_MOCK"]
BACKS = os.environ["CLIENTS_BACKS"].split(",")
NAME = os.environ["CLIENTS_NAME"]
ONLY = [name for name in os.environ.get("CLIENTS_CASES", "").split(",") if name]

# A real PNG (one pixel) and a small PDF, as base64.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
PNG_BYTES = 70
PDF = "JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL0NhdGFsb2c+PgplbmRvYmoKdHJhaWxlcgo8PC9Sb290IDEgMCBSPj4KJSVFT0YK"
PDF_BYTES = 72

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER_CALL = {"city": "city", "days": 2}
THOUGHT = "The user wrote 2 words. I will answer plainly."
# A summary in OpenAI's Responses format has a part for each sentence, which are paragraphs elsewhere.
SUMMARY = THOUGHT.replace(". ", ".\n\n")
REFUSAL = "I cannot help with that."
UNICODE = "naïve 你好 👩‍🚀 \U0001d54f \\ \" \u2028 end"


class Recorder(httpx2.BaseTransport):
    """The library's own transport, with a copy of every answer kept."""

    def __init__(self) -> None:
        self.inner = httpx2.HTTPTransport()
        self.exchanges: list[dict[str, Any]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = json.loads(request.content) if request.content else {}
        response = self.inner.handle_request(request)
        exchange = {
            "method": request.method,
            "path": request.url.path,
            "status": response.status_code,
            "headers": {name: response.headers.get(name) for name in ("content-type", "x-request-id", "request-id")},
            "includeUsage": bool((asked.get("stream_options") or {}).get("include_usage")),
            "anthropic": "anthropic-version" in request.headers,
            "body": "",
        }
        self.exchanges.append(exchange)
        stream = RecordedStream(response.stream, exchange)
        return httpx2.Response(response.status_code, headers=response.headers, stream=stream, extensions=response.extensions)

    def close(self) -> None:
        self.inner.close()


class RecordedStream(httpx2.SyncByteStream):
    def __init__(self, inner: Any, exchange: dict[str, Any]) -> None:
        self.inner = inner
        self.exchange = exchange
        self.seen = b""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.inner:
            self.seen += chunk
            self.exchange["body"] = self.seen.decode("utf-8", "replace")
            yield chunk

    def close(self) -> None:
        self.inner.close()


def same(got: Any, wanted: Any, what: str = "value") -> None:
    if got != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, got {got!r}")


def holds(condition: Any, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def raises(kind: type, run: Callable[[], Any]) -> Any:
    try:
        run()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, nothing was raised")


def upstream(mark: str) -> list[dict[str, Any]]:
    """What the upstream got with this text in the body."""
    with urllib.request.urlopen(f"{MOCK}/seen?contains={urllib.parse.quote(mark)}") as answer:
        return json.load(answer)


def upstream_body(mark: str) -> dict[str, Any]:
    """The last body that the upstream got with this text in it."""
    return json.loads(upstream(mark)[-1]["body"])


def wait_gone(mark: str) -> None:
    """The upstream saw its caller leave, soon."""
    deadline = time.monotonic() + 2
    while upstream(mark)[-1]["state"] == "open" and time.monotonic() < deadline:
        time.sleep(0.01)
    same(upstream(mark)[-1]["state"], "gone", "the upstream call")


EXTRAS = {"reasoning_content", "reasoning_details"}


def check_extras(model: Any, at: str = "answer") -> None:
    """No key that the official model does not know, at any depth, besides our documented ones."""
    if isinstance(model, list):
        for index, item in enumerate(model):
            check_extras(item, f"{at}[{index}]")
    elif hasattr(model, "model_fields_set"):
        unknown = set(model.model_extra or {}) - EXTRAS
        if unknown:
            raise AssertionError(f"{at}: keys that the official model does not know: {sorted(unknown)}")
        for name in model.model_fields_set:
            check_extras(getattr(model, name, None), f"{at}.{name}")


def events_of(body: str) -> list[str]:
    """The data of each complete event."""
    return [line[6:] for line in body.split("\n") if line.startswith("data: ")]


class Case:
    """One case on one back: `client` records into `exchanges`, `torn` says that the stream is meant to break."""

    def __init__(self, back: str, name: str) -> None:
        self.back = back
        self.name = name
        self.recorder = Recorder()
        self.outcome = "whole"
        self.mark = f"{NAME}-{back}-{name}"

    def model(self, name: str) -> str:
        return f"{self.back}/{name}"


def run(front: str, cases: dict[str, Callable[[Case], None]], judge: Callable[[dict[str, Any]], None]) -> None:
    """`front` is the dialect; `judge` validates one raw exchange with the library's own models, strictly."""
    for back in BACKS:
        for name, body in cases.items():
            if ONLY and name not in ONLY:
                continue
            case = Case(back, name)
            started = time.monotonic()
            error = None
            try:
                body(case)
                for exchange in case.recorder.exchanges:
                    judge(exchange)
            except Exception as problem:  # noqa: BLE001 - whatever a case raises is its failure
                error = "".join(traceback.format_exception_only(problem)).strip() + where(problem)
            line = {"case": name, "back": back, "error": error, "outcome": case.outcome, "exchanges": case.recorder.exchanges, "ms": round((time.monotonic() - started) * 1000)}
            print(json.dumps(line), flush=True)


def where(problem: BaseException) -> str:
    """The line of the case at which it went wrong."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if "test/clients" in frame.filename.replace("\\", "/")]
    frame = next((frame for frame in reversed(frames) if "harness" not in frame.filename), None)
    return "" if frame is None else f" (at {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line})"


if __name__ == "__main__":
    sys.exit("run ../run.ts")
