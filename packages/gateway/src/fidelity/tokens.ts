/** One word of a declaration file. `text` of a string is its content. */
export type Token = { readonly kind: 'name' | 'string' | 'number' | 'sign'; readonly text: string };

const pattern =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|\s+|([A-Za-z_$#][\w$]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(`(?:[^`\\]|\\.)*`)|(\d[\w.]*)|(=>|\.\.\.|[^\s])/gy;

/** The words of a TypeScript declaration file, comments left out. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [, name, string, template, number, sign] of source.matchAll(pattern)) {
    if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unquoted(string) });
    // The types read here use templates for patterns of strings alone: any string.
    else if (template !== undefined) tokens.push({ kind: 'name', text: 'string' });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}
