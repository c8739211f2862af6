import json
import os

properties = {"path": {"type": "string"}, "content": {"type": "string"}}
schema = {"type": "object", "properties": properties, "required": ["path", "content"]}
tools = {"tools": [{"toolSpec": {"name": "write_file", "description": "Writes a file.", "inputSchema": {"json": schema}}}]}
messages = [{"role": "user", "content": [{"text": os.environ["AGENT_PROMPT"]}]}]


def answer():
    """The blocks of a streamed answer; its text is printed as it comes."""
    blocks = {}
    for event in client.converse_stream(modelId="auto", messages=messages, toolConfig=tools)["stream"]:
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"], "input": ""}}
        if "contentBlockDelta" in event:
            index, delta = event["contentBlockDelta"]["contentBlockIndex"], event["contentBlockDelta"]["delta"]
            block = blocks.setdefault(index, {"reasoningContent": {"reasoningText": {"text": ""}}} if "reasoningContent" in delta else {"text": ""})
            if "text" in delta:
                block["text"] += delta["text"]
                print(delta["text"], end="")
            elif "toolUse" in delta:
                block["toolUse"]["input"] += delta["toolUse"]["input"]
            elif "redactedContent" in delta["reasoningContent"]:
                block["reasoningContent"] = {"redactedContent": delta["reasoningContent"]["redactedContent"]}
            else:
                thought = block["reasoningContent"]["reasoningText"]
                for key, text in delta["reasoningContent"].items():
                    thought[key] = thought.get(key, "") + text
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return [blocks[index] for index in sorted(blocks)]


while True:
    content = answer()
    messages.append({"role": "assistant", "content": content})
    results = []
    for call in [block["toolUse"] for block in content if "toolUse" in block]:
        with open(call["input"]["path"], "w", encoding="utf-8") as file:
            file.write(call["input"]["content"])
        results.append({"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": f"wrote {call['input']['path']}"}]}})
    if not results:
        break
    messages.append({"role": "user", "content": results})
