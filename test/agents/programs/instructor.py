import os

from pydantic import BaseModel


class WriteFile(BaseModel):
    path: str
    content: str


class Report(BaseModel):
    path: str


def filled(response_model, messages):
    last = None
    for last in client.create_partial(response_model=response_model, messages=messages, max_tokens=1000):
        pass
    return last


messages = [{"role": "user", "content": os.environ["AGENT_PROMPT"]}]
wanted = filled(WriteFile, messages)
with open(wanted.path, "w", encoding="utf-8") as file:
    file.write(wanted.content)
messages += [{"role": "assistant", "content": "I wrote it."}, {"role": "user", "content": "Where is it?"}]
print(filled(Report, messages).path)
