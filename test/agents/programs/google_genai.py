import os

from google.genai import types


def write_file(path: str, content: str) -> str:
    """Writes a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return f"wrote {path}"


config = types.GenerateContentConfig(tools=[write_file], thinking_config=types.ThinkingConfig(include_thoughts=True))
chat = client.chats.create(model="auto", config=config)
for chunk in chat.send_message_stream(os.environ["AGENT_PROMPT"]):
    if chunk.text:
        print(chunk.text, end="")
