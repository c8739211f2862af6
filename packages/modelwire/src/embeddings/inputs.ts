import type { EmbedInput, EmbedRequest } from '../core/embedding.ts';
import type { Context } from '../core/dialect.ts';
import { type Cursor, fieldOf, itemsOf, rawOf, stringAt, wrongType } from '../core/json-cursor.ts';

/** A text, or a list of texts. Throws 400 when it is empty or something else. */
export function textInputs(field: Cursor): EmbedInput[] {
  if (typeof field.value === 'string') return [textInput(field)];
  const items = itemsOf(field);
  if (items.length === 0) throw wrongType(field.path, 'a text or a non-empty array of them');
  return items.map(textInput);
}

export function textInput(field: Cursor): EmbedInput {
  return { kind: 'text', text: stringAt(field), at: field.path };
}

/** OpenAI's: texts, or the ids of their tokens. */
export function textOrTokenInputs(root: Cursor, key: string): EmbedInput[] {
  const field = fieldOf(root, key);
  const { value } = field;
  if (!Array.isArray(value)) return textInputs(field);
  if (isTokens(value)) return [{ kind: 'tokens', raw: rawOf(field), at: field.path }];
  const items = itemsOf(field);
  if (items.length === 0) throw wrongType(field.path, 'a text or a non-empty array');
  return items.map((item): EmbedInput => (isTokens(item.value) ? { kind: 'tokens', raw: rawOf(item), at: item.path } : textInput(item)));
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item) && Number(item) >= 0);
}

/** The texts of a request, for formats that take nothing else. Refuses tokens by name: they mean something to the tokenizer of their own provider alone. */
export function textsOf(request: EmbedRequest, { ledger }: Context): readonly string[] {
  return request.inputs.map((input) => {
    if (input.kind === 'text') return input.text;
    ledger.refuse(input.at, 'the ids of tokens mean something to one tokenizer only', 'Send the text itself');
    // Without its input there is no vector: even a lenient call is refused.
    throw wrongType(input.at, 'a text for this target');
  });
}
