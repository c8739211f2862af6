import os


def write_file(path: str, content: str) -> str:
    """Writes a file.

    Args:
      path: Where.
      content: The text.
    """
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return f"wrote {path}"


messages = [{"role": "user", "content": os.environ["AGENT_PROMPT"]}]
while True:
    said = {"role": "assistant", "content": "", "thinking": "", "tool_calls": []}
    for chunk in client.chat(model="auto", messages=messages, tools=[write_file], think=True, stream=True):
        said["content"] += chunk.message.content or ""
        said["thinking"] += chunk.message.thinking or ""
        said["tool_calls"] += chunk.message.tool_calls or []
        print(chunk.message.content or "", end="")
    messages.append(said)
    if not said["tool_calls"]:
        break
    for call in said["tool_calls"]:
        messages.append({"role": "tool", "tool_name": call.function.name, "content": write_file(**call.function.arguments)})
