import os

from langchain.agents import create_agent
from langchain_core.tools import tool


@tool
def write_file(path: str, content: str) -> str:
    """Writes a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return f"wrote {path}"


agent = create_agent(model, [write_file])
messages = [{"role": "user", "content": os.environ["AGENT_PROMPT"]}]
for message, _ in agent.stream({"messages": messages}, stream_mode="messages"):
    print(message.text, end="")
