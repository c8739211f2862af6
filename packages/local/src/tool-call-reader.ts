/** The JSON a forced tool call is written in; a grammar makes the model keep to it. */
const opening = /^\s*\{\s*"name"\s*:\s*"([\w-]+)"\s*,\s*"arguments"\s*:\s*/;

/** What a piece of that JSON told: the name once, then the source text of the arguments without spaces between the tokens. */
export type CallPart = { readonly type: 'call'; readonly name: string } | { readonly type: 'arguments'; readonly text: string };

/** Reads `{"name": …, "arguments": {…}}` as it is written and tells the parts as soon as they are certain. */
export function createToolCallReader() {
  let head = '';
  let named = false;
  let complete = false;
  let depth = 0;
  let inString = false;
  let escaped = false;

  function readArguments(text: string): string {
    let out = '';
    for (const char of text) {
      if (complete) break;
      if (inString || !/\s/.test(char)) out += char;
      step(char);
    }
    return out;
  }

  function step(char: string): void {
    if (inString) {
      if (escaped) escaped = false;
      else if (char === '\\') escaped = true;
      else if (char === '"') inString = false;
      return;
    }
    if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      complete = depth === 0;
    }
  }

  return {
    push(text: string, emit: (part: CallPart) => void): void {
      let rest = text;
      if (!named) {
        head += text;
        const match = opening.exec(head);
        // The arguments' own first character must be there, or the space before it could still grow.
        if (match === null || match[0].length === head.length) return;
        named = true;
        emit({ type: 'call', name: match[1] ?? '' });
        rest = head.slice(match[0].length);
      }
      const part = readArguments(rest);
      if (part !== '') emit({ type: 'arguments', text: part });
    },
    /** Whether the arguments are a whole JSON value. */
    get complete(): boolean {
      return complete;
    },
  };
}
