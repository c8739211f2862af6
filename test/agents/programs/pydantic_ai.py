import asyncio
import os

from pydantic_ai import Agent

agent = Agent(model)


@agent.tool_plain
def write_file(path: str, content: str) -> str:
    """Writes a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return f"wrote {path}"


async def main() -> None:
    async with agent.run_stream(os.environ["AGENT_PROMPT"]) as result:
        async for text in result.stream_text(delta=True):
            print(text, end="")


asyncio.run(main())
