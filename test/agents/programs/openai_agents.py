import asyncio
import os

from agents import Agent, Runner, function_tool


@function_tool
def write_file(path: str, content: str) -> str:
    """Writes a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return f"wrote {path}"


agent = Agent(name="Writer", instructions="You write files.", model=model, tools=[write_file])


async def main() -> None:
    result = Runner.run_streamed(agent, os.environ["AGENT_PROMPT"])
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            print(event.data.delta, end="")


asyncio.run(main())
