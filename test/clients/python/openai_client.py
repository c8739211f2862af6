"""The official `openai` library on every back."""

import asyncio
import base64
import json
from typing import Any

import openai
from openai import OpenAI
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel

from harness import BASE, KEY, PDF, PDF_BYTES, PNG, PNG_BYTES, REFUSAL, THOUGHT, UNICODE, WEATHER, WEATHER_CALL, Case, check_extras, events_of, holds, raises, run, same, upstream, upstream_body, wait_gone

TOOL = {"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": WEATHER}}
OTHER = {"type": "function", "function": {"name": "get_time", "description": "The time"}}


def client(case: Case, **options: Any) -> OpenAI:
    return OpenAI(**{"base_url": f"{BASE}/v1", "api_key": KEY, "max_retries": 0, "http_client": openai.DefaultHttpxClient(transport=case.recorder), **options})


def user(text: Any) -> list[Any]:
    return [{"role": "user", "content": text}]


def judge(exchange: dict[str, Any]) -> None:
    if exchange["status"] != 200:
        return
    if exchange["path"].endswith("/chat/completions"):
        if exchange["headers"]["content-type"].startswith("text/event-stream"):
            for data in events_of(exchange["body"]):
                if data != "[DONE]" and '"error"' not in data:
                    check_extras(ChatCompletionChunk.model_validate(json.loads(data), strict=True), "chunk")
        else:
            check_extras(ChatCompletion.model_validate(json.loads(exchange["body"]), strict=True))


def chat_whole(case: Case) -> None:
    answer = client(case).chat.completions.create(model=case.model("echo"), messages=user("Hello there"))
    same(answer.choices[0].message.content, "Hello there")
    same(answer.choices[0].message.refusal, None)
    same(answer.choices[0].finish_reason, "stop")
    same((answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens), (5, 2, 7), "usage")
    same(answer.model, "echo", "model")
    holds(answer.created > 1_700_000_000, "created is a time")
    holds(answer._request_id, "a request id")


def chat_stream(case: Case) -> None:
    stream = client(case).chat.completions.create(model=case.model("text-30"), messages=user("Hello there"), stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    holds(len(pieces) >= 30, f"{len(pieces)} pieces: streamed piece by piece")
    same(len("".join(pieces).split()), 30, "words")
    same(chunks[-1].usage.completion_tokens, 30, "usage")
    same(chunks[-1].usage.prompt_tokens, 5, "usage")
    same([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1], "stop")


def chat_stream_no_usage(case: Case) -> None:
    chunks = list(client(case).chat.completions.create(model=case.model("echo"), messages=user("Hello there"), stream=True))
    holds(all(chunk.usage is None and len(chunk.choices) == 1 for chunk in chunks), "no usage chunk, no chunk without a choice")


def chat_async(case: Case) -> None:
    async def ask() -> str:
        async with openai.AsyncOpenAI(base_url=f"{BASE}/v1", api_key=KEY) as own:
            stream = await own.chat.completions.create(model=case.model("echo"), messages=user(UNICODE), stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    same(asyncio.run(ask()), UNICODE)


def unicode_text(case: Case) -> None:
    answer = client(case).chat.completions.create(model=case.model("echo"), messages=user(UNICODE))
    same(answer.choices[0].message.content, UNICODE)
    with client(case).chat.completions.stream(model=case.model("echo"), messages=user(UNICODE)) as stream:
        same(stream.get_final_completion().choices[0].message.content, UNICODE, "streamed")


def system_text(case: Case) -> None:
    messages: Any = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Use English."}]},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": [{"type": "text", "text": "Three"}, {"type": "text", "text": "Four"}]},
    ]
    answer = client(case).chat.completions.create(model=case.model("inspect"), messages=messages, temperature=0.5, max_completion_tokens=1000, user="u-1")
    body = json.loads(answer.choices[0].message.content or "")
    same(body["temperature"], 0.5, "temperature")
    if case.back == "ma":
        same([block["text"] for block in body["system"]], ["Be brief.", "Use English."], "system")
        same([message["role"] for message in body["messages"]], ["user", "assistant", "user"], "roles")
        same([part["text"] for part in body["messages"][2]["content"]], ["Three", "Four"], "parts")
        same(body["max_tokens"], 1000, "limit")
        same(body["metadata"]["user_id"], "u-1", "end user")
    elif case.back == "mr":
        same([item["role"] for item in body["input"]], ["system", "developer", "user", "assistant", "user"], "roles")
        same([part["text"] for part in body["input"][4]["content"]], ["Three", "Four"], "parts")
        same(body["max_output_tokens"], 1000, "limit")
    else:
        same(body["messages"], messages, "messages")
        same(body["max_completion_tokens"], 1000, "limit")


def tool_round(case: Case) -> None:
    messages = user("Weather?")
    first = client(case).chat.completions.create(model=case.model("tool"), messages=messages, tools=[TOOL])
    same(first.choices[0].finish_reason, "tool_calls")
    call = first.choices[0].message.tool_calls[0]
    same((call.type, call.function.name, json.loads(call.function.arguments)), ("function", "get_weather", WEATHER_CALL), "call")
    holds(0 < len(call.id) <= 40, "an id of at most 40 characters")
    messages += [first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "21 degrees"}]
    second = client(case).chat.completions.create(model=case.model("tool"), messages=messages, tools=[TOOL])
    same(second.choices[0].message.content, "get_weather returned 21 degrees")
    same(second.choices[0].finish_reason, "stop")


def tool_stream(case: Case) -> None:
    messages = user("Weather?")
    with client(case).chat.completions.stream(model=case.model("tool"), messages=messages, tools=[TOOL], stream_options={"include_usage": True}) as stream:
        deltas = [event for event in stream if event.type == "tool_calls.function.arguments.delta"]
        first = stream.get_final_completion()
    holds(len(deltas) > 1, "arguments come in pieces")
    call = first.choices[0].message.tool_calls[0]
    same((call.function.name, json.loads(call.function.arguments)), ("get_weather", WEATHER_CALL), "call")
    same(first.choices[0].finish_reason, "tool_calls")
    holds(first.usage.completion_tokens > 0, "usage")
    messages += [first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": [{"type": "text", "text": "rain"}]}]
    chunks = client(case).chat.completions.create(model=case.model("tool"), messages=messages, tools=[TOOL], stream=True)
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks), "get_weather returned rain")


def tools_parallel(case: Case) -> None:
    messages = user("Both?")
    first = client(case).chat.completions.create(model=case.model("tools"), messages=messages, tools=[TOOL, OTHER])
    calls = first.choices[0].message.tool_calls
    same([call.function.name for call in calls], ["get_weather", "get_time"], "calls")
    same(json.loads(calls[1].function.arguments), {}, "arguments of a tool without parameters")
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"result {index}"} for index, call in enumerate(calls)]
    second = client(case).chat.completions.create(model=case.model("tools"), messages=[*messages, first.choices[0].message, *results], tools=[TOOL, OTHER])
    same(second.choices[0].message.content, "get_weather returned result 0\nget_time returned result 1")
    one = client(case).chat.completions.create(model=case.model("tools"), messages=messages, tools=[TOOL, OTHER], parallel_tool_calls=False)
    same(len(one.choices[0].message.tool_calls), 1, "calls when parallel ones are off")


def tools_parallel_stream(case: Case) -> None:
    with client(case).chat.completions.stream(model=case.model("tools"), messages=user("Both?"), tools=[TOOL, {**TOOL, "function": {**TOOL["function"], "name": "again"}}]) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls
    same([(call.function.name, json.loads(call.function.arguments)) for call in calls], [("get_weather", WEATHER_CALL), ("again", WEATHER_CALL)], "calls")
    holds(calls[0].id != calls[1].id, "two ids")


def tool_choice(case: Case) -> None:
    def ask(choice: Any) -> Any:
        return client(case).chat.completions.create(model=case.model("echo"), messages=user("Hello there"), tools=[TOOL, OTHER], tool_choice=choice).choices[0].message

    same(ask("required").tool_calls[0].function.name, "get_weather", "required")
    same(ask({"type": "function", "function": {"name": "get_time"}}).tool_calls[0].function.name, "get_time", "named")
    same(ask("none").content, "Hello there", "none")
    same(ask("auto").content, "Hello there", "auto")


def strict_tool(case: Case) -> None:
    strict = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER, "strict": True}}
    answer = client(case).chat.completions.create(model=case.model("inspect"), messages=user("x"), tools=[strict])
    tool = json.loads(answer.choices[0].message.content or "")["tools"][0]
    same((tool if case.back in ("ma", "mr") else tool["function"])["strict"], True, "strict")


def image(case: Case) -> None:
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}}, {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
    answer = client(case).chat.completions.create(model=case.model("vision"), messages=user(parts))
    same(answer.choices[0].message.content, f"image image/png {PNG_BYTES} bytes\nimage https://example.com/a.png")


def document(case: Case) -> None:
    part = {"type": "file", "file": {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}
    answer = client(case).chat.completions.create(model=case.model("vision"), messages=user([part, {"type": "text", "text": "Sum it up"}]))
    same(len(base64.b64decode(PDF)), PDF_BYTES, "the test's own document")
    same(answer.choices[0].message.content, f"document application/pdf {PDF_BYTES} bytes report.pdf")


def reasoning_whole(case: Case) -> None:
    messages = user(f"{case.mark} there")
    first = client(case).chat.completions.create(model=case.model("reasoning"), messages=messages, tools=[TOOL], reasoning_effort="low", max_completion_tokens=4000)
    message = first.choices[0].message
    # A summary is for those who ask, which nobody can in this format: the secret goes along all the same.
    same(message.model_extra.get("reasoning_content"), None if case.back == "mr" else THOUGHT, "thinking")
    holds(first.usage.completion_tokens_details.reasoning_tokens == 9, f"reasoning tokens: {first.usage.completion_tokens_details}")
    call = message.tool_calls[0]
    messages += [message.model_dump(exclude_none=True), {"role": "tool", "tool_call_id": call.id, "content": "sun"}]
    second = client(case).chat.completions.create(model=case.model("reasoning"), messages=messages, tools=[TOOL], reasoning_effort="low", max_completion_tokens=4000)
    same(second.choices[0].message.content, "get_weather returned sun")
    if case.back == "mr":
        holds(upstream_body(case.mark)["input"][1]["encrypted_content"].startswith("gAAAAMock"), "the secret went back")
        return
    sent = upstream_body(case.mark)["messages"][1]
    if case.back == "ma":
        same(sent["content"][0]["thinking"], THOUGHT, "thinking that went back")
        holds(sent["content"][0]["signature"].startswith("EqMock"), "with the provider's own signature")
    else:
        same(sent["reasoning_content"], THOUGHT, "thinking that went back")


def reasoning_stream(case: Case) -> None:
    messages = user(f"{case.mark} there")
    stream = client(case).chat.completions.create(model=case.model("reasoning"), messages=messages, stream=True, tools=[TOOL], max_completion_tokens=4000)
    thought = ""
    details: list[Any] = []
    call: dict[str, str] = {"id": "", "name": "", "arguments": ""}
    for chunk in stream:
        delta = chunk.choices[0].delta
        extra = delta.model_extra or {}
        thought += extra.get("reasoning_content") or ""
        details += extra.get("reasoning_details") or []
        for piece in delta.tool_calls or []:
            call["id"] += piece.id or ""
            call["name"] += piece.function.name or ""
            call["arguments"] += piece.function.arguments or ""
    same(thought, "" if case.back == "mr" else THOUGHT, "thinking")
    same((call["name"], json.loads(call["arguments"])), ("get_weather", WEATHER_CALL), "call")
    message: Any = {"role": "assistant", "content": None, "reasoning_content": thought, "tool_calls": [{"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}]}
    if details:
        message["reasoning_details"] = details
    messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": "fog"}]
    second = client(case).chat.completions.create(model=case.model("reasoning"), messages=messages, tools=[TOOL], max_completion_tokens=4000)
    same(second.choices[0].message.content, "get_weather returned fog")
    if case.back == "mr":
        holds(upstream_body(case.mark)["input"][1]["encrypted_content"].startswith("gAAAAMock"), "the secret went back")
        return
    sent = upstream_body(case.mark)["messages"][1]
    if case.back == "ma":
        holds(sent["content"][0]["signature"].startswith("EqMock"), "the provider's own signature went back")


class City(BaseModel):
    name: str
    kind: str


def structured(case: Case) -> None:
    answer = client(case).chat.completions.parse(model=case.model("json"), messages=user("A city"), response_format=City)
    same(answer.choices[0].message.parsed, City(name="name", kind="kind"), "parsed")
    stream = client(case).chat.completions.create(model=case.model("json"), messages=user("A city"), stream=True, response_format={"type": "json_schema", "json_schema": {"name": "weather", "schema": WEATHER, "strict": True}})
    same(json.loads("".join(chunk.choices[0].delta.content or "" for chunk in stream)), WEATHER_CALL, "streamed")


def refusal(case: Case) -> None:
    answer = client(case).chat.completions.create(model=case.model("refusal"), messages=user("Something bad"))
    same(answer.choices[0].message.refusal, REFUSAL, "refusal")
    same(answer.choices[0].message.content, None, "content")
    same(answer.choices[0].finish_reason, "content_filter" if case.back == "ma" else "stop")
    chunks = list(client(case).chat.completions.create(model=case.model("refusal"), messages=user("Something bad"), stream=True))
    same("".join(chunk.choices[0].delta.refusal or "" for chunk in chunks), REFUSAL, "streamed")


def length_stop(case: Case) -> None:
    answer = client(case).chat.completions.create(model=case.model("text-50"), messages=user("Go on"), max_tokens=5)
    # OpenAI's Responses format has no limit below 16.
    most = 16 if case.back == "mr" else 5
    same((len(answer.choices[0].message.content.split()), answer.choices[0].finish_reason), (most, "length"))
    same(answer.usage.completion_tokens, most, "usage")
    chunks = list(client(case).chat.completions.create(model=case.model("length"), messages=user("Go on"), stream=True))
    same(chunks[-1].choices[0].finish_reason, "length", "streamed")


def stop_string(case: Case) -> None:
    answer = client(case).chat.completions.create(model=case.model("text-50"), messages=user("Go on"), stop=["dolor", "never"])
    same((answer.choices[0].message.content, answer.choices[0].finish_reason), ("lorem ipsum ", "stop"))


def cache_usage(case: Case) -> None:
    usage = client(case).chat.completions.create(model=case.model("cache"), messages=user("Hello there")).usage
    same((usage.prompt_tokens, usage.completion_tokens), (65, 2), "tokens")
    same((usage.prompt_tokens_details.cached_tokens, usage.prompt_tokens_details.cache_write_tokens), (40, 20), "cache")
    chunks = list(client(case).chat.completions.create(model=case.model("cache"), messages=user("Hello there"), stream=True, stream_options={"include_usage": True}))
    same((chunks[-1].usage.prompt_tokens, chunks[-1].usage.prompt_tokens_details.cached_tokens), (65, 40), "streamed")


def several_choices(case: Case) -> None:
    if case.back in ("ma", "mr"):
        error = raises(openai.BadRequestError, lambda: client(case).chat.completions.create(model=case.model("echo"), messages=user("Hello there"), n=2))
        same(error.param, "n")
    else:
        answer = client(case).chat.completions.create(model=case.model("echo"), messages=user("Hello there"), n=2)
        same([choice.message.content for choice in answer.choices], ["Hello there"] * 2)


def models(case: Case) -> None:
    found = list(client(case).models.list())
    ids = [model.id for model in found]
    holds(case.model("echo") in ids, f"{case.model('echo')} in {ids}")
    one = client(case).models.retrieve(case.model("echo"))
    same((one.id, one.object, one.owned_by), (case.model("echo"), "model", case.back))
    for raw in json.loads(case.recorder.exchanges[0]["body"])["data"]:
        Model.model_validate(raw, strict=True)


def error_key(case: Case) -> None:
    error = raises(openai.AuthenticationError, lambda: client(case, api_key="sk-wrong").chat.completions.create(model=case.model("echo"), messages=user("x")))
    same((error.status_code, error.code), (401, "invalid_api_key"))
    holds(error.request_id and "sk-wrong" not in str(error), "a request id, and not the key")


def error_model(case: Case) -> None:
    for model in ("nobody/echo", case.model("ecko")):
        error = raises(openai.NotFoundError, lambda: client(case).chat.completions.create(model=model, messages=user("x")))
        same((error.status_code, error.code), (404, "model_not_found"), model)
    raises(openai.NotFoundError, lambda: client(case).models.retrieve("nobody/echo"))


def error_param(case: Case) -> None:
    error = raises(openai.BadRequestError, lambda: client(case).chat.completions.create(model=case.model("echo"), messages=user(case.mark), temperature=5))
    same((error.status_code, error.param, error.type), (400, "temperature", "invalid_request_error"))
    same(len(upstream(case.mark)), 0, "attempts upstream")
    orphan: Any = [*user("x"), {"role": "tool", "tool_call_id": "call_1", "content": case.mark}]
    error = raises(openai.BadRequestError, lambda: client(case, max_retries=2).chat.completions.create(model=case.model("echo"), messages=orphan))
    holds(len(upstream(case.mark)) <= 1, "a bad request is not tried again")


def error_rate_limit(case: Case) -> None:
    error = raises(openai.RateLimitError, lambda: client(case, max_retries=2).chat.completions.create(model=case.model("status-429"), messages=user(case.mark)))
    same((error.status_code, error.type), (429, "rate_limit_error"))
    same(error.response.headers.get("retry-after"), "1", "retry-after")
    same(len(upstream(case.mark)), 2, "attempts upstream: the gateway's, not multiplied by the library's")


def error_server(case: Case) -> None:
    error = raises(openai.InternalServerError, lambda: client(case, max_retries=2).chat.completions.create(model=case.model("status-500"), messages=user(case.mark)))
    holds(error.status_code in (500, 502), f"status {error.status_code}")
    same(len(upstream(case.mark)), 2, "attempts upstream")


def retry_mends(case: Case) -> None:
    answer = client(case).chat.completions.create(model=case.model("flaky-1"), messages=user(case.mark))
    same(answer.choices[0].message.content, case.mark)
    same(len(upstream(case.mark)), 2, "attempts upstream")


def torn_stream(case: Case) -> None:
    case.outcome = "torn"
    for model in ("cut-9", "end-9", "garbage", "error-midstream"):
        stream = client(case).chat.completions.create(model=case.model(f"text-30+{model}+drip-8"), messages=user(case.mark), stream=True)
        raises(openai.APIError, lambda: list(stream))


def no_terminator(case: Case) -> None:
    chunks = list(client(case).chat.completions.create(model=case.model("echo+no-done"), messages=user("Hello there"), stream=True))
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks), "Hello there")


def bad_upstream(case: Case) -> None:
    for model in ("html", "empty", "error-inside", "garbage"):
        error = raises(openai.InternalServerError, lambda: client(case).chat.completions.create(model=case.model(model), messages=user("x")))
        # An error inside a 200 has the status of its type.
        same(error.status_code, 500 if model == "error-inside" and case.back == "ma" else 502, model)


def abort(case: Case) -> None:
    case.outcome = "aborted"
    stream = client(case).chat.completions.create(model=case.model("text-400+drip-20"), messages=user(case.mark), stream=True)
    for index, _ in enumerate(stream):
        if index == 3:
            break
    stream.close()
    wait_gone(case.mark)


def timeout(case: Case) -> None:
    case.outcome = "aborted"
    raises(openai.APITimeoutError, lambda: client(case, timeout=0.3).chat.completions.create(model=case.model("slow-20000"), messages=user(case.mark)))
    wait_gone(case.mark)


CASES = [
    chat_whole, chat_stream, chat_stream_no_usage, chat_async, unicode_text, system_text, tool_round, tool_stream, tools_parallel, tools_parallel_stream, tool_choice, strict_tool, image, document,
    reasoning_whole, reasoning_stream, structured, refusal, length_stop, stop_string, cache_usage, several_choices, models, error_key, error_model, error_param, error_rate_limit, error_server, retry_mends,
    torn_stream, no_terminator, bad_upstream, abort, timeout,
]  # fmt: skip

if __name__ == "__main__":
    run("openai-chat", {case.__name__: case for case in CASES}, judge)
