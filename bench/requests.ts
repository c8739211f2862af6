import type { DialectName } from 'modelwire/internal/core/ir';

export type BodySize = '1 KB' | '100 KB' | '2 MB' | '10 MB';

/** One kind of request, small enough to be handed to the load generator, which makes the bytes. */
export type RequestSpec = {
  readonly dialect: DialectName;
  readonly model: string;
  readonly stream: boolean;
  readonly size: BodySize;
  /** Put before the dialect's own path; the mock paces what comes below `/paced`. */
  readonly prefix: string;
};

/** The key that bench.yaml knows by its hash. */
const key = 'mw-bench-key';

/** The raw request, head and body. */
export function requestBytes(spec: RequestSpec, port: number): Buffer {
  const body = Buffer.from(JSON.stringify(bodyOf(spec)));
  const lines =
    spec.dialect === 'anthropic-messages'
      ? [`POST ${spec.prefix}/v1/messages HTTP/1.1`, `x-api-key: ${key}`, 'anthropic-version: 2023-06-01']
      : [`POST ${spec.prefix}/v1/chat/completions HTTP/1.1`, `authorization: Bearer ${key}`];
  const common = [
    `host: 127.0.0.1:${port}`,
    'accept: application/json',
    'content-type: application/json',
    'user-agent: modelwire-bench',
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${[...lines, ...common].join('\r\n')}\r\n\r\n`), body]);
}

const instructions =
  'You are the assistant of a small hardware shop. Answer in at most three sentences, name the aisle when you know it, and say so when you do not know. ' +
  'Never promise a delivery date. Prices are in euros and include tax. When the customer asks for something that we do not sell, name the nearest thing that we do.';
const question =
  'I need to hang a mirror of eight kilograms on a plasterboard wall in a rented flat, and the landlord does not want holes wider than six millimetres. ' +
  'Which fixings would you take, how many of them, and where do I find them? I have a drill and a spirit level, but no stud finder.';

function bodyOf(spec: RequestSpec): object {
  const messages = spec.size === '100 KB' ? conversation(100_000) : [{ role: 'user', content: contentOf(spec) }];
  const sampling = { temperature: 0.7, ...(spec.stream ? { stream: true } : {}) };
  if (spec.dialect === 'anthropic-messages') return { model: spec.model, max_tokens: 1024, system: instructions, messages, ...sampling };
  return { model: spec.model, messages: [{ role: 'system', content: instructions }, ...messages], max_tokens: 1024, ...sampling };
}

/** Text, or text and an image of that size in base64. */
function contentOf(spec: RequestSpec): unknown {
  if (spec.size === '1 KB' || spec.size === '100 KB') return question;
  const data = base64(spec.size === '2 MB' ? 2_000_000 : 10_000_000);
  const image =
    spec.dialect === 'anthropic-messages'
      ? { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
      : { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } };
  return [{ type: 'text', text: question }, image];
}

/** A long chat with code in it, so that the text is full of escapes: the dear case for a scanner. */
function conversation(bytes: number): { readonly role: string; readonly content: string }[] {
  const turn = `${question}\n\n\`\`\`js\nconst label = "aisle \\"7\\"";\nconsole.log(\`${'fixings: ${label}'}\`);\n\`\`\`\n`;
  const turns = Math.ceil(bytes / (JSON.stringify(turn).length + 32));
  return Array.from({ length: turns | 1 }, (_, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: turn }));
}

function base64(characters: number): string {
  let state = 1;
  const block = Buffer.from(Uint8Array.from({ length: 3072 }, () => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16)).toString('base64');
  return block.repeat(Math.ceil(characters / block.length)).slice(0, characters);
}
