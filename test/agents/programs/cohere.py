import json
import os

properties = {"path": {"type": "string"}, "content": {"type": "string"}}
parameters = {"type": "object", "properties": properties, "required": ["path", "content"]}
tools = [{"type": "function", "function": {"name": "write_file", "description": "Writes a file.", "parameters": parameters}}]
messages = [{"role": "user", "content": os.environ["AGENT_PROMPT"]}]
while True:
    content, calls, plan = {}, {}, ""
    for event in client.chat_stream(model="auto", messages=messages, tools=tools):
        if event.type == "tool-plan-delta":
            plan += event.delta.message.tool_plan
        elif event.type == "content-start":
            content[event.index] = event.delta.message.content.model_dump(exclude_none=True)
        elif event.type == "content-delta":
            for kind, text in event.delta.message.content.model_dump(exclude_none=True).items():
                content[event.index][kind] += text
            print(event.delta.message.content.text or "", end="")
        elif event.type == "tool-call-start":
            calls[event.index] = event.delta.message.tool_calls.model_dump()
        elif event.type == "tool-call-delta":
            calls[event.index]["function"]["arguments"] += event.delta.message.tool_calls.function.arguments
    if not calls:
        break
    said = {"role": "assistant", "content": list(content.values()), "tool_calls": list(calls.values())}
    messages.append({**said, "tool_plan": plan} if plan else said)
    for call in calls.values():
        wanted = json.loads(call["function"]["arguments"])
        with open(wanted["path"], "w", encoding="utf-8") as file:
            file.write(wanted["content"])
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": f"wrote {wanted['path']}"})
