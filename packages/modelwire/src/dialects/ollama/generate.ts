import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatRequest, Message } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, isGiven, objectAt, optionalText } from '../../core/json-cursor.ts';
import type { JsonText } from '../../core/json-text.ts';
import { lossOf } from '../../core/extras.ts';
import { decodeImages } from './images.ts';
import { decodeCommon } from './request.ts';
import { generateAlone, generateRequest } from './verdicts.ts';
import { isOwn } from './wire.ts';

/** A single prompt (`/api/generate`) as the chat that it is. What only Ollama servers know of it goes to them by relay, or is refused. */
export function decodeGenerate(json: JsonText, context: Context): ChatRequest {
  const root = cursorAt(json);
  objectAt(root);
  const request = decodeCommon(root, generateRequest);
  for (const key of Object.keys(generateAlone)) refuseGiven(fieldOf(root, key), key, context);
  const ext = request.ext.filter(({ path }) => !Object.hasOwn(generateAlone, path));
  return { ...request, ext, messages: messagesOf(root, context) };
}

function refuseGiven(field: Cursor, key: string, { ledger }: Context): void {
  const { loss, reason = '' } = lossOf(generateRequest, key, field.value);
  if (isGiven(field) && loss === 'demand') ledger.refuse(key, reason, 'Leave the field out, or choose a model of an Ollama server');
}

function messagesOf(root: Cursor, context: Context): Message[] {
  const system = optionalText(root, 'system') ?? '';
  const prompt = optionalText(root, 'prompt') ?? '';
  const images = decodeImages(root, isOwn(context));
  if (prompt === '' && images.length === 0)
    throw new GatewayError('invalid_request', 'prompt must be a non-empty string', {
      param: 'prompt',
      hint: 'Send a prompt',
    });
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, blocks: [{ type: 'text' as const, text: system, at: 'system' }], at: 'system' }]),
    { role: 'user', blocks: [{ type: 'text', text: prompt, at: 'prompt' }, ...images], at: 'prompt' },
  ];
}
