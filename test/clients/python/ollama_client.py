"""The official `ollama` library on every back."""

import base64
import json
from typing import Any

import httpx
import ollama
from ollama import ChatResponse, Client, GenerateResponse, ListResponse, ShowResponse
from pydantic import BaseModel

from harness import BASE, KEY, PNG, PNG_BYTES, THOUGHT, UNICODE, WEATHER, WEATHER_CALL, Case, check_extras, holds, raises, recording, run, same, upstream_body, wait_gone

TOOL = {"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": WEATHER}}
# The library keeps of a schema what Ollama's templates show, so the least number of days is not told.
CALL = {"city": WEATHER_CALL["city"], "days": 0}


def client(case: Case, key: str = KEY) -> Client:
    return Client(host=BASE, headers={"authorization": f"Bearer {key}"}, transport=recording(httpx, case.exchanges))


def user(text: str, **more: Any) -> list[Any]:
    return [{"role": "user", "content": text, **more}]


SHAPES: dict[str, type[BaseModel]] = {"/api/chat": ChatResponse, "/api/generate": GenerateResponse, "/api/tags": ListResponse, "/api/show": ShowResponse}


def judge(exchange: dict[str, Any]) -> None:
    shape = SHAPES.get(exchange["path"])
    if exchange["status"] != 200 or shape is None:
        return
    for line in exchange["body"].split("\n"):
        if line and '"error"' not in line and line.endswith("}"):
            check_extras(shape.model_validate(json.loads(line)), "answer")


def chat_whole(case: Case) -> None:
    answer = client(case).chat(model=case.model("echo"), messages=user("Hello there"))
    same((answer.message.role, answer.message.content), ("assistant", "Hello there"))
    same((answer.done, answer.done_reason, answer.prompt_eval_count, answer.eval_count), (True, "stop", 5, 2))
    same(answer.model, "echo", "model")


def chat_stream(case: Case) -> None:
    lines = list(client(case).chat(model=case.model("text-30"), messages=user("Hello there"), stream=True))
    holds(len(lines) >= 30, f"{len(lines)} lines: streamed piece by piece")
    same(len("".join(line.message.content or "" for line in lines).split()), 30, "words")
    same([line.done_reason for line in lines if line.done], ["stop"])
    same(lines[-1].eval_count, 30, "usage")


def unicode_text(case: Case) -> None:
    same(client(case).chat(model=case.model("echo"), messages=user(UNICODE)).message.content, UNICODE)
    lines = client(case).chat(model=case.model("echo"), messages=user(UNICODE), stream=True)
    same("".join(line.message.content or "" for line in lines), UNICODE, "streamed")


def system_text(case: Case) -> None:
    messages = [{"role": "system", "content": "Be brief."}, *user(f"One {case.mark}")]
    client(case).chat(model=case.model("echo"), messages=messages, options={"temperature": 0.5, "num_predict": 100}, keep_alive="5m")
    body = upstream_body(case.mark)
    system = {"ma": lambda: body["system"], "mg": lambda: body["systemInstruction"]["parts"][0]["text"]}
    same(system.get(case.back, lambda: body["messages"][0]["content"])(), "Be brief.", "system")


def tool_round(case: Case) -> None:
    """As in the library's own examples: it drops what it does not know of a message, the id of a call too."""
    messages: list[Any] = user("Weather?")
    first = client(case).chat(model=case.model("tool"), messages=messages, tools=[TOOL])
    call = (first.message.tool_calls or [])[0]
    same((call.function.name, dict(call.function.arguments)), ("get_weather", CALL), "call")
    messages += [first.message, {"role": "tool", "content": "21 degrees", "tool_name": call.function.name}]
    second = client(case).chat(model=case.model("tool"), messages=messages, tools=[TOOL])
    same(second.message.content, "get_weather returned 21 degrees")


def tool_stream(case: Case) -> None:
    messages: list[Any] = user("Weather?")
    lines = list(client(case).chat(model=case.model("tool"), messages=messages, tools=[TOOL], stream=True))
    calls = [call for line in lines for call in line.message.tool_calls or []]
    same([call.function.name for call in calls], ["get_weather"])
    messages += [{"role": "assistant", "content": "", "tool_calls": calls}, {"role": "tool", "content": "rain", "tool_name": "get_weather"}]
    second = client(case).chat(model=case.model("tool"), messages=messages, tools=[TOOL], stream=True)
    same("".join(line.message.content or "" for line in second), "get_weather returned rain")


def image(case: Case) -> None:
    answer = client(case).chat(model=case.model("vision"), messages=user("See?", images=[base64.b64decode(PNG)]))
    same(answer.message.content, f"image image/png {PNG_BYTES} bytes")


def reasoning(case: Case) -> None:
    answer = client(case).chat(model=case.model("reasoning"), messages=user("Hello there"), think=True, options={"num_predict": 8000})
    same((answer.message.thinking, answer.message.content), (THOUGHT, "Hello there"))
    lines = list(client(case).chat(model=case.model("reasoning"), messages=user("Hello there"), think="low", options={"num_predict": 8000}, stream=True))
    same("".join(line.message.thinking or "" for line in lines), THOUGHT, "streamed")


class Weather(BaseModel):
    city: str


def structured(case: Case) -> None:
    answer = client(case).chat(model=case.model("json"), messages=user("Weather?"), format=Weather.model_json_schema())
    same(Weather.model_validate_json(answer.message.content or "").city, "city")


def generate(case: Case) -> None:
    answer = client(case).generate(model=case.model("echo"), prompt="Hello there", system="Be brief.")
    same((answer.response, answer.done_reason), ("Hello there", "stop"))
    lines = list(client(case).generate(model=case.model("text-20"), prompt="x", stream=True))
    same(len("".join(line.response for line in lines).split()), 20, "words")


def models(case: Case) -> None:
    own = client(case)
    holds(case.model("echo") in [model.model for model in own.list().models], "the model is listed")
    holds("completion" in (own.show(case.model("echo")).capabilities or []), "a capability")
    same(list(own.ps().models), [])


def error_key(case: Case) -> None:
    error = raises(ollama.ResponseError, lambda: client(case, "sk-wrong").chat(model=case.model("echo"), messages=user("x")))
    same(error.status_code, 401)


def error_model(case: Case) -> None:
    error = raises(ollama.ResponseError, lambda: client(case).chat(model=case.model("ecko"), messages=user("x")))
    same(error.status_code, 404)
    holds("ecko" in error.error, error.error)


def error_param(case: Case) -> None:
    error = raises(ollama.ResponseError, lambda: client(case).chat(model=case.model("echo"), messages=user("x"), options={"top_p": 3}))
    same(error.status_code, 400)
    holds(error.error.startswith("options.top_p"), error.error)


def torn_stream(case: Case) -> None:
    case.outcome = "torn"
    raises(ollama.ResponseError, lambda: list(client(case).chat(model=case.model("text-30+cut-6"), messages=user("x"), stream=True)))


def abort(case: Case) -> None:
    case.outcome = "aborted"
    lines = client(case).chat(model=case.model("text-100+drip-50"), messages=user(case.mark), stream=True)
    for _ in range(3):
        next(lines)
    lines.close()
    wait_gone(case.mark)


run(
    "ollama",
    {
        "chat_whole": chat_whole,
        "chat_stream": chat_stream,
        "unicode_text": unicode_text,
        "system_text": system_text,
        "tool_round": tool_round,
        "tool_stream": tool_stream,
        "image": image,
        "reasoning": reasoning,
        "structured": structured,
        "generate": generate,
        "models": models,
        "error_key": error_key,
        "error_model": error_model,
        "error_param": error_param,
        "torn_stream": torn_stream,
        "abort": abort,
    },
    judge,
)
