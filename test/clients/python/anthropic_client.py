"""The official `anthropic` library on every back."""

import asyncio
import json
from typing import Any

import anthropic
from anthropic import Anthropic, beta_tool
from anthropic.types import Message, MessageTokensCount, ModelInfo, RawMessageStreamEvent
from pydantic import BaseModel, TypeAdapter

from harness import BASE, KEY, PDF, PDF_BYTES, PNG, PNG_BYTES, REFUSAL, SUMMARY, THOUGHT, UNICODE, WEATHER, WEATHER_CALL, Case, check_extras, events_of, holds, raises, run, same, upstream, upstream_body, wait_gone

TOOL = {"name": "get_weather", "description": "The weather", "input_schema": WEATHER}
OTHER = {"name": "get_time", "description": "The time", "input_schema": {"type": "object", "properties": {}}}
STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)


def client(case: Case, **options: Any) -> Anthropic:
    return Anthropic(**{"base_url": BASE, "api_key": KEY, "max_retries": 0, "http_client": anthropic.DefaultHttpxClient(transport=case.recorder), **options})


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def judge(exchange: dict[str, Any]) -> None:
    path = exchange["path"]
    if exchange["status"] != 200:
        return
    if path.endswith("/count_tokens"):
        check_extras(MessageTokensCount.model_validate_json(exchange["body"], strict=True))
    elif path.endswith("/messages"):
        if exchange["headers"]["content-type"].startswith("text/event-stream"):
            for data in events_of(exchange["body"]):
                if json.loads(data)["type"] not in ("ping", "error"):
                    check_extras(STREAM_EVENT.validate_json(data, strict=True), "event")
        else:
            check_extras(Message.model_validate_json(exchange["body"], strict=True))


def create(case: Case, model: str, **rest: Any) -> Any:
    return client(case).messages.create(**{"model": case.model(model), "max_tokens": 4000, **rest})


def chat_whole(case: Case) -> None:
    answer = create(case, "echo", messages=user("Hello there"))
    same([block.model_dump() for block in answer.content], [{"type": "text", "text": "Hello there", "citations": None}])
    same((answer.stop_reason, answer.stop_sequence, answer.role, answer.type), ("end_turn", None, "assistant", "message"))
    same((answer.usage.input_tokens, answer.usage.output_tokens), (5, 2), "usage")
    same(answer.model, "echo", "model")
    holds(answer.id.startswith("msg_"), f"the id {answer.id}")
    holds(answer._request_id, "a request id")


def chat_stream(case: Case) -> None:
    with client(case).messages.stream(model=case.model("text-30"), max_tokens=500, messages=user("Hello there")) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    holds(len(pieces) >= 30, f"{len(pieces)} pieces: streamed piece by piece")
    same((final.content[0].text, final.stop_reason), ("".join(pieces), "end_turn"))
    same((final.usage.input_tokens, final.usage.output_tokens), (5, 30), "usage")


def chat_async(case: Case) -> None:
    async def ask() -> str:
        async with anthropic.AsyncAnthropic(base_url=BASE, auth_token=KEY) as own:
            async with own.messages.stream(model=case.model("echo"), max_tokens=500, messages=user(UNICODE)) as stream:
                return await stream.get_final_text()

    same(asyncio.run(ask()), UNICODE)


def unicode_text(case: Case) -> None:
    same(create(case, "echo", messages=user(UNICODE)).content[0].text, UNICODE)
    events = create(case, "echo", messages=user(UNICODE), stream=True)
    same("".join(event.delta.text for event in events if event.type == "content_block_delta"), UNICODE, "streamed")


def system_text(case: Case) -> None:
    messages = [*user("One"), {"role": "assistant", "content": "Two"}, *user([{"type": "text", "text": "Three"}, {"type": "text", "text": "Four"}])]
    system = [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Use English."}]
    answer = create(case, "inspect", messages=messages, system=system, metadata={"user_id": "u-1"}, stop_sequences=["\n\nnever"], extra_body={"temperature": 0.5})
    body = json.loads(answer.content[0].text)
    same(body["temperature"], 0.5, "temperature")
    if case.back == "mc":
        same([message["role"] for message in body["messages"]], ["system", "user", "assistant", "user"], "roles")
        same([flat(message) for message in body["messages"]], ["Be brief.|Use English.", "One", "Two", "Three|Four"], "texts")
        same(body.get("max_completion_tokens") or body.get("max_tokens"), 4000, "limit")
        same(body["stop"], ["\n\nnever"], "stop")
        same(body.get("safety_identifier") or body.get("user"), "u-1", "end user")
    elif case.back == "mr":
        same([item["role"] for item in body["input"]], ["system", "user", "assistant", "user"], "roles")
        same([flat(item) for item in body["input"]], ["Be brief.|Use English.", "One", "Two", "Three|Four"], "texts")
        same(body["max_output_tokens"], 4000, "limit")
    else:
        same((body["messages"], body["system"]), (messages, system), "messages")


def flat(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "|".join(part["text"] for part in content)


def cache_marks(case: Case) -> None:
    mark = {"type": "ephemeral", "ttl": "1h"}
    system = [{"type": "text", "text": "Be brief.", "cache_control": mark}]
    answer = create(case, "inspect", messages=user([{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]), system=system, tools=[{**TOOL, "cache_control": mark}])
    body = json.loads(answer.content[0].text)
    kept = case.back in ("ma", "mb")
    same("cache_control" in json.dumps(body), kept, "cache marks upstream")
    if kept:
        same((body["system"], body["tools"][0]["cache_control"]), (system, mark))


def tool_round(case: Case) -> None:
    messages = user("Weather?")
    first = create(case, "tool", messages=messages, tools=[TOOL])
    same(first.stop_reason, "tool_use")
    call = first.content[-1]
    same((call.type, call.name, call.input, call.caller.type), ("tool_use", "get_weather", WEATHER_CALL, "direct"), "call")
    messages += [{"role": "assistant", "content": first.content}, *user([{"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "21 degrees"}]}])]
    second = create(case, "tool", messages=messages, tools=[TOOL])
    same((second.content[0].text, second.stop_reason), ("get_weather returned 21 degrees", "end_turn"))


def tool_stream(case: Case) -> None:
    messages = user("Weather?")
    with client(case).messages.stream(model=case.model("tool"), max_tokens=500, messages=messages, tools=[TOOL]) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
        first = stream.get_final_message()
    holds(len(pieces) > 1, "the input comes in pieces")
    call = first.content[-1]
    same((call.name, call.input, first.stop_reason), ("get_weather", WEATHER_CALL, "tool_use"), "call")
    holds(first.usage.output_tokens > 0, "usage")
    messages += [{"role": "assistant", "content": first.content}, *user([{"type": "tool_result", "tool_use_id": call.id, "content": "rain"}, {"type": "text", "text": "And?"}])]
    with client(case).messages.stream(model=case.model("tool"), max_tokens=500, messages=messages, tools=[TOOL]) as stream:
        same(stream.get_final_text(), "get_weather returned rain")


def tools_parallel(case: Case) -> None:
    messages = user("Both?")
    first = create(case, "tools", messages=messages, tools=[TOOL, OTHER])
    calls = [block for block in first.content if block.type == "tool_use"]
    same([(call.name, call.input) for call in calls], [("get_weather", WEATHER_CALL), ("get_time", {})], "calls")
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"result {index}"} for index, call in enumerate(calls)]
    second = create(case, "tools", messages=[*messages, {"role": "assistant", "content": first.content}, *user(results)], tools=[TOOL, OTHER])
    same(second.content[0].text, "get_weather returned result 0\nget_time returned result 1")
    one = create(case, "tools", messages=messages, tools=[TOOL, OTHER], tool_choice={"type": "auto", "disable_parallel_tool_use": True})
    same(len([block for block in one.content if block.type == "tool_use"]), 1, "calls when parallel ones are off")


def tools_parallel_stream(case: Case) -> None:
    with client(case).messages.stream(model=case.model("tools"), max_tokens=500, messages=user("Both?"), tools=[TOOL, {**TOOL, "name": "again"}]) as stream:
        calls = [block for block in stream.get_final_message().content if block.type == "tool_use"]
    same([(call.name, call.input) for call in calls], [("get_weather", WEATHER_CALL), ("again", WEATHER_CALL)], "calls")
    holds(calls[0].id != calls[1].id, "two ids")


def tool_choice(case: Case) -> None:
    def ask(choice: Any) -> Any:
        return create(case, "echo", messages=user("Hello there"), tools=[TOOL, OTHER], tool_choice=choice).content[0]

    same(ask({"type": "any"}).name, "get_weather", "any")
    same(ask({"type": "tool", "name": "get_time"}).name, "get_time", "tool")
    same(ask({"type": "none"}).text, "Hello there", "none")
    same(ask({"type": "auto"}).text, "Hello there", "auto")


def tool_error(case: Case) -> None:
    first = create(case, "tool", messages=user("Weather?"), tools=[TOOL])
    result = {"type": "tool_result", "tool_use_id": first.content[0].id, "content": "no such city", "is_error": True}
    second = create(case, "tool", messages=[*user("Weather?"), {"role": "assistant", "content": first.content}, *user([result])], tools=[TOOL])
    text = second.content[0].text
    holds("no such city" in text and (text.startswith("get_weather failed") or "error" in text), f"the failure was told: {text}")


def tool_runner(case: Case) -> None:
    @beta_tool
    def get_weather(city: str) -> str:
        """The weather of a city.

        Args:
            city: The city.
        """
        return f"fine in {city}"

    runner = client(case).beta.messages.tool_runner(model=case.model("tool"), max_tokens=500, tools=[get_weather], messages=user("Weather?"))
    same(runner.until_done().content[0].text, "get_weather returned fine in city")


def image(case: Case) -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    linked = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    answer = create(case, "vision", messages=user([picture, linked, {"type": "text", "text": "What is it?"}]))
    same(answer.content[0].text, f"image image/png {PNG_BYTES} bytes\nimage https://example.com/a.png")
    first = create(case, "tool", messages=user("Draw"), tools=[TOOL])
    result = {"type": "tool_result", "tool_use_id": first.content[0].id, "content": [{"type": "text", "text": "drawn"}, picture]}
    shown = create(case, "vision", messages=[*user("Draw"), {"role": "assistant", "content": first.content}, *user([result])], tools=[TOOL])
    same(shown.content[0].text, f"image image/png {PNG_BYTES} bytes", "an image in a tool result")


def document(case: Case) -> None:
    pdf = {"type": "document", "title": "report.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}}
    answer = create(case, "vision", messages=user([pdf, {"type": "text", "text": "Sum it up"}]))
    same(answer.content[0].text, f"document application/pdf {PDF_BYTES} bytes report.pdf")
    plain = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "It rained."}}
    create(case, "echo", messages=user([plain, {"type": "text", "text": case.mark}]))
    holds("It rained." in upstream(case.mark)[-1]["body"], "the text document arrives")


def reasoning_whole(case: Case) -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    messages = user(f"{case.mark} there")
    first = create(case, "reasoning", messages=messages, tools=[TOOL], thinking=thinking)
    same([block.type for block in first.content], ["thinking", "tool_use"], "blocks")
    same(first.content[0].thinking, SUMMARY if case.back == "mr" else THOUGHT, "thinking")
    holds(first.content[0].signature, "a signature")
    same(first.usage.output_tokens_details.thinking_tokens, 9, "thinking tokens")
    messages += [{"role": "assistant", "content": first.content}, *user([{"type": "tool_result", "tool_use_id": first.content[1].id, "content": "sun"}])]
    second = create(case, "reasoning", messages=messages, tools=[TOOL], thinking=thinking)
    same([block.type for block in second.content], ["thinking", "text"], "blocks")
    same(second.content[1].text, "get_weather returned sun")
    check_thought(case)


def check_thought(case: Case) -> None:
    """The thinking went back to the provider that made it, as that provider knows it."""
    body = upstream_body(case.mark)
    if case.back == "mr":
        holds(body["input"][1]["encrypted_content"].startswith("gAAAAMock"), "the secret went back")
        return
    sent = next(message for message in body["messages"] if message["role"] == "assistant")
    if case.back == "mc":
        same(sent["reasoning_content"], THOUGHT, "thinking that went back")
    else:
        holds(sent["content"][0]["signature"].startswith("EqMock"), "with its own signature")


def reasoning_stream(case: Case) -> None:
    messages = user(f"{case.mark} there")
    with client(case).messages.stream(model=case.model("reasoning"), max_tokens=4000, messages=messages, tools=[TOOL], thinking={"type": "adaptive"}) as stream:
        pieces = [event.thinking for event in stream if event.type == "thinking"]
        first = stream.get_final_message()
    same("".join(pieces), SUMMARY if case.back == "mr" else THOUGHT, "thinking")
    holds(len(pieces) > 1, "the thinking comes in pieces")
    same([block.type for block in first.content], ["thinking", "tool_use"], "blocks")
    messages += [{"role": "assistant", "content": first.content}, *user([{"type": "tool_result", "tool_use_id": first.content[1].id, "content": "fog"}])]
    with client(case).messages.stream(model=case.model("reasoning"), max_tokens=4000, messages=messages, tools=[TOOL], thinking={"type": "adaptive"}) as stream:
        same(stream.get_final_message().content[-1].text, "get_weather returned fog")
    check_thought(case)


class City(BaseModel):
    name: str
    kind: str


def structured(case: Case) -> None:
    answer = client(case).messages.parse(model=case.model("json"), max_tokens=500, messages=user("A city"), output_format=City)
    same(answer.parsed_output, City(name="name", kind="kind"), "parsed")
    with client(case).messages.stream(model=case.model("json"), max_tokens=500, messages=user("A city"), output_config={"format": {"type": "json_schema", "schema": WEATHER}}) as stream:
        same(json.loads(stream.get_final_text()), WEATHER_CALL, "streamed")


def refusal(case: Case) -> None:
    answer = create(case, "refusal", messages=user("Something bad"))
    same((answer.stop_reason, answer.stop_details.type), ("refusal", "refusal"))
    said = answer.content[0].text if answer.content else answer.stop_details.explanation
    same(said, REFUSAL, "the refusal's words")
    with client(case).messages.stream(model=case.model("refusal"), max_tokens=500, messages=user("Something bad")) as stream:
        same(stream.get_final_message().stop_reason, "refusal", "streamed")


def length_stop(case: Case) -> None:
    answer = create(case, "text-50", messages=user("Go on"), max_tokens=5)
    # OpenAI's Responses format has no limit below 16.
    most = 16 if case.back == "mr" else 5
    same((len(answer.content[0].text.split()), answer.stop_reason, answer.usage.output_tokens), (most, "max_tokens", most))
    with client(case).messages.stream(model=case.model("length"), max_tokens=3, messages=user("Go on")) as stream:
        same(stream.get_final_message().stop_reason, "max_tokens", "streamed")


def stop_string(case: Case) -> None:
    answer = create(case, "text-50", messages=user("Go on"), stop_sequences=["dolor", "never"])
    same(answer.content[0].text, "lorem ipsum ")
    # OpenAI's format does not tell which string ended the text, or that one did.
    same((answer.stop_reason, answer.stop_sequence), ("end_turn", None) if case.back == "mc" else ("stop_sequence", "dolor"))


def cache_usage(case: Case) -> None:
    usage = create(case, "cache", messages=user("Hello there")).usage
    same((usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.output_tokens), (5, 40, 20, 2), "tokens")
    with client(case).messages.stream(model=case.model("cache"), max_tokens=500, messages=user("Hello there")) as stream:
        usage = stream.get_final_message().usage
    same((usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.output_tokens), (5, 40, 20, 2), "streamed")


def count_tokens(case: Case) -> None:
    raw = client(case).messages.with_raw_response.count_tokens(model=case.model("echo"), messages=user("Hello there, how are you?"), system="Be brief.", tools=[TOOL])
    tokens = raw.parse().input_tokens
    if case.back in ("mc", "mr"):
        holds(20 < tokens < 200 and raw.headers.get("modelwire-token-count"), f"an estimate that says so: {tokens}")
    else:
        answer = create(case, "echo", messages=user("Hello there, how are you?"), system="Be brief.", tools=[TOOL])
        same(tokens, answer.usage.input_tokens, "the provider's own count")


def models(case: Case) -> None:
    ids = [model.id for model in client(case).models.list(limit=1000)]
    holds(case.model("echo") in ids, f"{case.model('echo')} in {ids}")
    one = client(case).models.retrieve(case.model("echo"))
    same((one.id, one.type, one.lifecycle), (case.model("echo"), "model", "active"))
    check_extras(ModelInfo.model_validate_json(case.recorder.exchanges[-1]["body"], strict=True))


def error_key(case: Case) -> None:
    error = raises(anthropic.AuthenticationError, lambda: client(case, api_key="sk-wrong").messages.create(model=case.model("echo"), max_tokens=5, messages=user("x")))
    same((error.status_code, error.body["error"]["type"]), (401, "authentication_error"))
    holds(error.request_id and error.body["request_id"] == error.request_id, "one request id, in header and body")
    holds("sk-wrong" not in str(error), "the key is not told")


def error_model(case: Case) -> None:
    for model in ("nobody/echo", case.model("ecko")):
        error = raises(anthropic.NotFoundError, lambda: client(case).messages.create(model=model, max_tokens=5, messages=user("x")))
        same(error.body["error"]["type"], "not_found_error", model)
    raises(anthropic.NotFoundError, lambda: client(case).models.retrieve("nobody/echo"))


def error_param(case: Case) -> None:
    error = raises(anthropic.BadRequestError, lambda: create(case, "echo", messages=user(case.mark), extra_body={"temperature": 5}))
    same(error.body["error"]["type"], "invalid_request_error")
    holds("temperature" in error.body["error"]["message"], "the field is named")
    same(len(upstream(case.mark)), 0, "attempts upstream")
    orphan = user([{"type": "tool_result", "tool_use_id": "toolu_1", "content": case.mark}])
    raises(anthropic.BadRequestError, lambda: client(case, max_retries=2).messages.create(model=case.model("echo"), max_tokens=5, messages=orphan))
    holds(len(upstream(case.mark)) <= 1, "a bad request is not tried again")


def error_rate_limit(case: Case) -> None:
    error = raises(anthropic.RateLimitError, lambda: client(case, max_retries=2).messages.create(model=case.model("status-429"), max_tokens=5, messages=user(case.mark)))
    same(error.body["error"]["type"], "rate_limit_error")
    same(error.response.headers.get("retry-after"), "1", "retry-after")
    same(len(upstream(case.mark)), 2, "attempts upstream: the gateway's, not multiplied by the library's")


def error_server(case: Case) -> None:
    error = raises(anthropic.InternalServerError, lambda: client(case, max_retries=2).messages.create(model=case.model("status-500"), max_tokens=5, messages=user(case.mark)))
    same(error.body["error"]["type"], "api_error")
    same(len(upstream(case.mark)), 2, "attempts upstream")


def error_overloaded(case: Case) -> None:
    error = raises(anthropic.APIStatusError, lambda: client(case).messages.create(model=case.model("status-529"), max_tokens=5, messages=user(case.mark)))
    same((error.status_code, error.body["error"]["type"]), (529, "overloaded_error"))


def retry_mends(case: Case) -> None:
    same(create(case, "flaky-1", messages=user(case.mark)).content[0].text, case.mark)
    same(len(upstream(case.mark)), 2, "attempts upstream")


def torn_stream(case: Case) -> None:
    case.outcome = "torn"
    for model in ("cut-6", "end-6", "garbage", "error-midstream"):
        stream = create(case, f"text-30+{model}+drip-8", messages=user(case.mark), stream=True)
        raises(anthropic.APIError, lambda: list(stream))


def no_terminator(case: Case) -> None:
    with client(case).messages.stream(model=case.model("echo+no-done"), max_tokens=50, messages=user("Hello there")) as stream:
        same(stream.get_final_text(), "Hello there")


def bad_upstream(case: Case) -> None:
    for model in ("html", "empty", "error-inside", "garbage"):
        error = raises(anthropic.InternalServerError, lambda: create(case, model, messages=user("x")))
        # An error inside a 200 has the status of its type.
        same(error.status_code, 500 if model == "error-inside" and case.back not in ("mc", "mr") else 502, model)


def abort(case: Case) -> None:
    case.outcome = "aborted"
    stream = create(case, "text-400+drip-20", messages=user(case.mark), stream=True)
    for index, _ in enumerate(stream):
        if index == 5:
            break
    stream.close()
    wait_gone(case.mark)


def timeout(case: Case) -> None:
    case.outcome = "aborted"
    raises(anthropic.APITimeoutError, lambda: client(case, timeout=0.3).messages.create(model=case.model("slow-20000"), max_tokens=5, messages=user(case.mark)))
    wait_gone(case.mark)


CASES = [
    chat_whole, chat_stream, chat_async, unicode_text, system_text, cache_marks, tool_round, tool_stream, tools_parallel, tools_parallel_stream, tool_choice, tool_error, tool_runner, image, document,
    reasoning_whole, reasoning_stream, structured, refusal, length_stop, stop_string, cache_usage, count_tokens, models, error_key, error_model, error_param, error_rate_limit, error_server,
    error_overloaded, retry_mends, torn_stream, no_terminator, bad_upstream, abort, timeout,
]  # fmt: skip

if __name__ == "__main__":
    run("anthropic-messages", {case.__name__: case for case in CASES}, judge)
