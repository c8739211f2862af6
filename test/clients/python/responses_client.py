"""The official `openai` library's Responses API on every back."""

import asyncio
import json
from typing import Any, Literal

import openai
from openai import OpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from harness import BASE, KEY, PDF, PDF_BYTES, PNG, PNG_BYTES, REFUSAL, THOUGHT, UNICODE, WEATHER, WEATHER_CALL, Case, check_extras, events_of, holds, raises, run, same, upstream, upstream_body, wait_gone

TOOL: Any = {"type": "function", "name": "get_weather", "description": "The weather", "parameters": WEATHER, "strict": True}
OTHER: Any = {"type": "function", "name": "get_time", "description": "The time", "parameters": None, "strict": False}
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def client(case: Case, **options: Any) -> OpenAI:
    return OpenAI(**{"base_url": f"{BASE}/v1", "api_key": KEY, "max_retries": 0, "http_client": openai.DefaultHttpxClient(transport=case.recorder), **options})


def create(case: Case, model: str, options: dict[str, Any] | None = None, **params: Any) -> Any:
    return client(case, **(options or {})).responses.create(**{"model": case.model(model), "store": False, **params})


def judge(exchange: dict[str, Any]) -> None:
    if exchange["status"] != 200 or not exchange["path"].endswith("/responses"):
        return
    if exchange["headers"]["content-type"].startswith("text/event-stream"):
        for data in events_of(exchange["body"]):
            # An error event says it twice: as the type has it, and as the live service does.
            if '"type":"error"' not in data:
                check_extras(EVENT.validate_python(json.loads(data), strict=True), "event")
    else:
        check_extras(Response.model_validate(json.loads(exchange["body"]), strict=True))


def text_of(events: list[Any]) -> str:
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


def calls_of(answer: Any) -> list[Any]:
    return [item for item in answer.output if item.type == "function_call"]


def go_on(question: str, answer: Any, *results: str) -> list[Any]:
    """The conversation after an answer that called tools, and what came of them: all that the answer said goes back as it came."""
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": result} for call, result in zip(calls_of(answer), results, strict=True)]
    return [{"role": "user", "content": question}, *[item.model_dump(exclude_none=True) for item in answer.output], *outputs]


def answer_whole(case: Case) -> None:
    answer = create(case, "echo", input="Hello there")
    same((answer.output_text, answer.status, answer.error, answer.incomplete_details), ("Hello there", "completed", None, None))
    same((answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens), (5, 2, 7), "usage")
    same(answer.model, "echo", "model")
    holds(answer.created_at > 1_700_000_000, "created_at is a time")
    holds(answer._request_id, "a request id")


def answer_stream(case: Case) -> None:
    events = list(create(case, "text-30", input="Hello there", stream=True))
    holds(len([event for event in events if event.type == "response.output_text.delta"]) >= 30, "streamed piece by piece")
    same(len(text_of(events).split()), 30, "words")
    same((events[-1].type, events[-1].response.usage.input_tokens, events[-1].response.usage.output_tokens), ("response.completed", 5, 30))

    async def asynchronous() -> str:
        async with openai.AsyncOpenAI(base_url=f"{BASE}/v1", api_key=KEY, max_retries=0) as lively:
            stream = await lively.responses.create(model=case.model("echo"), input=UNICODE, store=False, stream=True)
            return text_of([event async for event in stream])

    same(asyncio.run(asynchronous()), UNICODE, "asynchronous")


def stream_helper(case: Case) -> None:
    with client(case).responses.stream(model=case.model("tools"), input="Both?", tools=[TOOL, OTHER], store=False) as stream:
        pieces = [event.delta for event in stream if event.type == "response.function_call_arguments.delta"]
        final = stream.get_final_response()
    same([(call.name, json.loads(call.arguments)) for call in calls_of(final)], [("get_weather", WEATHER_CALL), ("get_time", {})])
    holds(len(pieces) > 1, "arguments come in pieces")


def unicode_text(case: Case) -> None:
    same(create(case, "echo", input=UNICODE).output_text, UNICODE)
    same(text_of(list(create(case, "echo", input=UNICODE, stream=True))), UNICODE, "streamed")


def instructions(case: Case) -> None:
    answer = create(case, "echo", instructions="Be brief.", input=f"One {case.mark}", temperature=0.5, max_output_tokens=1000)
    same((answer.instructions, answer.temperature, answer.max_output_tokens), ("Be brief.", 0.5, 1000))
    body = upstream_body(case.mark)
    if case.back == "mh":
        return same(body["messages"][0], {"role": "system", "content": "Be brief."})
    same({"mr": lambda: body["instructions"], "mc": lambda: body["messages"][0]["content"], "ma": lambda: body["system"], "mg": lambda: body["systemInstruction"]["parts"][0]["text"]}[case.back](), "Be brief.")


def conversation(case: Case) -> None:
    first = create(case, "echo", input="One")
    said = [item.model_dump(exclude_none=True) for item in first.output]
    turns: Any = [{"role": "developer", "content": "Use English."}, {"role": "user", "content": "One"}, *said, {"role": "user", "content": [{"type": "input_text", "text": "Two"}]}]
    same(create(case, "echo", input=turns).output_text, "Two")


def tool_round(case: Case) -> None:
    first = create(case, "tool", input="Weather?", tools=[TOOL])
    same([(call.name, json.loads(call.arguments)) for call in calls_of(first)], [("get_weather", WEATHER_CALL)])
    same(create(case, "tool", input=go_on("Weather?", first, "21 degrees"), tools=[TOOL]).output_text, "get_weather returned 21 degrees")


def tool_stream(case: Case) -> None:
    with client(case).responses.stream(model=case.model("tool"), input="Weather?", tools=[TOOL], store=False) as stream:
        first = stream.get_final_response()
    second = create(case, "tool", input=go_on("Weather?", first, "rain"), tools=[TOOL], stream=True)
    same(text_of(list(second)), "get_weather returned rain")


def tools_parallel(case: Case) -> None:
    first = create(case, "tools", input="Both?", tools=[TOOL, OTHER])
    same([call.name for call in calls_of(first)], ["get_weather", "get_time"])
    second = create(case, "tools", input=go_on("Both?", first, "result 0", "result 1"), tools=[TOOL, OTHER])
    same(second.output_text, "get_weather returned result 0\nget_time returned result 1")


def tool_choice(case: Case) -> None:
    def ask(choice: Any) -> Any:
        return create(case, "echo", input="Hello there", tools=[TOOL, OTHER], tool_choice=choice)

    same(calls_of(ask("required"))[0].name, "get_weather")
    same(calls_of(ask({"type": "function", "name": "get_time"}))[0].name, "get_time")
    same(ask("none").output_text, "Hello there")


def custom_tool(case: Case) -> None:
    note: Any = {"type": "custom", "name": "note", "description": "Takes a note"}
    first = create(case, "tool", input="Note it", tools=[note])
    call = next(item for item in first.output if item.type == "custom_tool_call")
    same((call.name, call.input), ("note", "text" if case.back == "mr" else "input"))
    turns: Any = [{"role": "user", "content": "Note it"}, *[item.model_dump(exclude_none=True) for item in first.output], {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "noted"}]
    same(create(case, "tool", input=turns, tools=[note]).output_text, "note returned noted")


def image(case: Case) -> None:
    content = [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "low"}]
    same(create(case, "vision", input=[{"role": "user", "content": content}]).output_text, f"image image/png {PNG_BYTES} bytes")


def document(case: Case) -> None:
    part = {"type": "input_file", "filename": "report.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
    ask = lambda: create(case, "vision", input=[{"role": "user", "content": [part, {"type": "input_text", "text": "Sum it up"}]}])
    if case.back == "mh":
        # Cohere takes documents as text only.
        return same(raises(openai.BadRequestError, ask).param, "input[0].content[0]")
    answer = ask()
    # Google has no place for the name of a file.
    same(answer.output_text, f"document application/pdf {PDF_BYTES} bytes" + ("" if case.back == "mg" else " report.pdf"))


THINKING: Any = {"tools": [TOOL], "reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"], "max_output_tokens": 4000}


def thought_of(answer: Any) -> str:
    """What was thought, in one line: OpenAI's summaries come in parts."""
    return " ".join(part.text for item in answer.output if item.type == "reasoning" for part in item.summary)


def check_thought(case: Case) -> None:
    """The thinking went back to the provider that made it, as that provider knows it: the scripted ones refuse it altered."""
    body = upstream_body(case.mark)
    if case.back == "mr":
        holds(body["input"][1]["encrypted_content"].startswith("gAAAAMock"), "the secret")
    elif case.back == "mc":
        same(body["messages"][1]["reasoning_content"], THOUGHT)
    elif case.back == "mh":
        same(body["messages"][1]["content"][0], {"type": "thinking", "thinking": THOUGHT})
    elif case.back == "ma":
        holds(body["messages"][1]["content"][0]["signature"].startswith("EqMock"), "the signature")
    else:
        holds('"thoughtSignature": "EqMock' in json.dumps(body["contents"][1]), "the signature")


def reasoning_whole(case: Case) -> None:
    question = f"{case.mark} there"
    first = create(case, "reasoning", input=question, **THINKING)
    # Cohere does not count its thinking apart.
    same((thought_of(first), first.usage.output_tokens_details.reasoning_tokens), (THOUGHT, 0 if case.back == "mh" else 9))
    same([item.type for item in first.output], ["reasoning", "function_call"])
    same(create(case, "reasoning", input=go_on(question, first, "sun"), **THINKING).output_text, "get_weather returned sun")
    check_thought(case)


def reasoning_stream(case: Case) -> None:
    question = f"{case.mark} there"
    with client(case).responses.stream(model=case.model("reasoning"), input=question, store=False, **THINKING) as stream:
        first = stream.get_final_response()
    same(thought_of(first), THOUGHT)
    same(text_of(list(create(case, "reasoning", input=go_on(question, first, "fog"), stream=True, **THINKING))), "get_weather returned fog")
    check_thought(case)


class City(BaseModel):
    name: str
    kind: Literal["town", "village"]


def structured(case: Case) -> None:
    answer = client(case).responses.parse(model=case.model("json"), input="A city", text_format=City, store=False)
    same(answer.output_parsed, City(name="name", kind="town"), "parsed")
    with client(case).responses.stream(model=case.model("json"), input="A city", text_format=City, store=False) as stream:
        same(stream.get_final_response().output_parsed, City(name="name", kind="town"), "streamed")


def refusal(case: Case) -> None:
    answer = create(case, "refusal", input="Something bad")
    if case.back == "mh":
        # To Cohere a refusal is what the model says.
        return same(answer.output_text, REFUSAL)
    same([(part.type, part.refusal) for part in answer.output[0].content], [("refusal", REFUSAL)])
    events = list(create(case, "refusal", input="Something bad", stream=True))
    same("".join(event.delta for event in events if event.type == "response.refusal.delta"), REFUSAL, "streamed")


def length_stop(case: Case) -> None:
    answer = create(case, "text-50", input="Go on", max_output_tokens=20)
    same((answer.status, answer.incomplete_details.reason, len(answer.output_text.split())), ("incomplete", "max_output_tokens", 20))
    same(list(create(case, "length", input="Go on", stream=True))[-1].type, "response.incomplete", "streamed")


def cache_usage(case: Case) -> None:
    usage = create(case, "cache", input="Hello there").usage
    same((usage.input_tokens, usage.output_tokens, usage.input_tokens_details.cached_tokens), (65, 2, 40))


def kept(case: Case) -> None:
    first = create(case, "tool", input="Weather?", tools=[TOOL], store=True)
    [call] = calls_of(first)
    results = [{"type": "function_call_output", "call_id": call.call_id, "output": case.mark}]
    second = create(case, "tool", input=results, tools=[TOOL], previous_response_id=first.id)
    same(second.output_text, f"get_weather returned {case.mark}")
    assert "Weather?" in upstream(case.mark)[-1]["body"], "the turns so far went along"
    lost = f"{case.mark} lost"
    error = raises(openai.BadRequestError, lambda: create(case, "echo", input=lost, previous_response_id="resp_1"))
    same(error.param, "previous_response_id")
    same(len(upstream(lost)), 0, "attempts upstream")


def error_key(case: Case) -> None:
    error = raises(openai.AuthenticationError, lambda: create(case, "echo", {"api_key": "sk-wrong"}, input="x"))
    same((error.status_code, error.code), (401, "invalid_api_key"))
    holds(error.request_id and "sk-wrong" not in str(error), "a request id, and not the key")


def error_model(case: Case) -> None:
    for model in ("nobody/echo", case.model("ecko")):
        error = raises(openai.NotFoundError, lambda: client(case).responses.create(model=model, input="x"))
        same((error.status_code, error.code), (404, "model_not_found"), model)


def error_param(case: Case) -> None:
    error = raises(openai.BadRequestError, lambda: create(case, "echo", input=case.mark, temperature=5))
    same((error.status_code, error.param, error.type), (400, "temperature", "invalid_request_error"))
    same(len(upstream(case.mark)), 0, "attempts upstream")


def error_rate_limit(case: Case) -> None:
    error = raises(openai.RateLimitError, lambda: create(case, "status-429", {"max_retries": 2}, input=case.mark))
    same((error.status_code, error.type, error.response.headers.get("retry-after")), (429, "rate_limit_error", "1"))
    same(len(upstream(case.mark)), 2, "attempts upstream: the gateway's, not multiplied by the library's")


def error_server(case: Case) -> None:
    raises(openai.InternalServerError, lambda: create(case, "status-500", {"max_retries": 2}, input=case.mark))
    same(len(upstream(case.mark)), 2, "attempts upstream")


def retry_mends(case: Case) -> None:
    same(create(case, "flaky-1", input=case.mark).output_text, case.mark)
    same(len(upstream(case.mark)), 2, "attempts upstream")


def torn_stream(case: Case) -> None:
    case.outcome = "torn"
    for fault in ("cut-9", "end-9", "garbage", "error-midstream"):
        stream = create(case, f"text-30+{fault}+drip-8", input=case.mark, stream=True)
        raises(openai.APIError, lambda: list(stream))


def bad_upstream(case: Case) -> None:
    for fault in ("html", "empty", "error-inside", "garbage"):
        error = raises(openai.InternalServerError, lambda: create(case, fault, input="x"))
        # An error inside a 200 has the status of its type.
        same(error.status_code, 500 if fault == "error-inside" and case.back in ("ma", "mg") else 502, fault)


def abort(case: Case) -> None:
    case.outcome = "aborted"
    stream = create(case, "text-400+drip-20", input=case.mark, stream=True)
    for index, _ in enumerate(stream):
        if index == 7:
            break
    stream.close()
    wait_gone(case.mark)


def timeout(case: Case) -> None:
    case.outcome = "aborted"
    raises(openai.APITimeoutError, lambda: create(case, "slow-20000", {"timeout": 0.3}, input=case.mark))
    wait_gone(case.mark)


CASES = [
    answer_whole, answer_stream, stream_helper, unicode_text, instructions, conversation, tool_round, tool_stream, tools_parallel, tool_choice, custom_tool, image, document, reasoning_whole, reasoning_stream,
    structured, refusal, length_stop, cache_usage, kept, error_key, error_model, error_param, error_rate_limit, error_server, retry_mends, torn_stream, bad_upstream, abort, timeout,
]  # fmt: skip

if __name__ == "__main__":
    run("openai-responses", {case.__name__: case for case in CASES}, judge)
