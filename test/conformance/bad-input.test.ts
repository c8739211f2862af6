import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Fidelity } from '../../packages/modelwire/src/core/notes.ts';
import { dialects } from '../support/dialects.ts';
import { callPair, type PairOutcome, plainAnswers } from '../support/pair-call.ts';
import { removeAt, stepsOf } from '../support/paths.ts';
import { samplesOf } from '../support/samples.ts';

/**
 * Every field that a target cannot take: 400 before anything is sent, in the caller's shape, naming the field, the target and an
 * alternative. The fields are those of the verdict tables; each is taken out after its refusal, so that the next is met. What goes is noted
 * under the caller's own names.
 */
const names = Object.keys(dialects) as readonly DialectName[];

/** How each format's callers read an error: what is wrong, and where it has a place for it the field. */
const errorsOf: { readonly [name in DialectName]: (body: Record<string, unknown>) => { readonly message: unknown; readonly param?: unknown } } = {
  'openai-chat': openaiError,
  'openai-responses': openaiError,
  'anthropic-messages': ({ type, error }) => {
    assert.equal(type, 'error');
    return pick(error, 'invalid_request_error', 'type');
  },
  gemini: ({ error }) => pick(error, 'INVALID_ARGUMENT', 'status'),
  cohere: ({ message }) => ({ message }),
  ollama: ({ error }) => ({ message: error }),
  'bedrock-converse': ({ message }) => ({ message }),
};

function pick(error: unknown, kind: string, at: string): { readonly message: unknown } {
  assert.ok(typeof error === 'object' && error !== null);
  const found = error as Record<string, unknown>;
  assert.equal(found[at], kind);
  return { message: found['message'] };
}

function openaiError({ error }: Record<string, unknown>): { readonly message: unknown; readonly param: unknown } {
  const { message } = pick(error, 'invalid_request_error', 'type');
  return { message, param: (error as Record<string, unknown>)['param'] };
}

/** The refusal is the caller's to understand; returns the field. */
function refusedField(front: DialectName, { error, sent, shown }: PairOutcome): string {
  assert.ok(error !== undefined);
  assert.equal(sent.length, 0, `${error.message}: something was sent`);
  assert.equal(error.status, 400, error.message);
  assert.match(error.code, /^(?:unsupported_parameter|invalid_request|thread_unsupported_request)$/);
  const { param, hint = '' } = error;
  assert.ok(param !== undefined && param !== '', `no field is named: ${error.message}`);
  assert.ok(error.message.includes(param), `${param} is not in: ${error.message}`);
  if (error.code === 'unsupported_parameter') {
    assert.ok(error.message.includes('lab'), `no target is named: ${error.message}`);
    assert.ok(hint.length > 10, `no alternative is named: ${error.message}`);
  }
  const read = errorsOf[front](JSON.parse(shown) as Record<string, unknown>);
  assert.ok(String(read.message).includes(error.message) && String(read.message).includes(hint), shown);
  if ('param' in read) assert.equal(read.param, param);
  return param;
}

type Body = Record<string, unknown>;

const call = (front: DialectName, back: DialectName, body: Body, fidelity: Fidelity = 'carry'): Promise<PairOutcome> =>
  callPair({ front, back, body: JSON.stringify({ ...body, ...('stream' in body ? { stream: false } : {}) }), answer: plainAnswers[back], fidelity });

const most = 200;

/** What a note may name that the caller did not send: a limit that must be there, tools that earlier calls speak of. */
const unsent =
  /^changed (?:max_completion_tokens|max_output_tokens|max_tokens|generationConfig\.maxOutputTokens|options\.num_predict|inferenceConfig\.maxTokens)$|^emulated tools$/;

/** Notes that name no field of the request. */
function misplaced({ notes }: PairOutcome, body: Body): readonly string[] {
  return notes.filter((note) => !unsent.test(note) && stepsOf(note.slice(note.indexOf(' ') + 1), body) === undefined);
}

/** A strict call is refused for what others lose a hint of, and for nothing else. */
async function strictly(front: DialectName, back: DialectName, body: Body, { notes }: PairOutcome): Promise<void> {
  const strict = await call(front, back, body, 'strict');
  const dropped = notes.flatMap((note) => (note.startsWith('dropped ') ? [note.slice('dropped '.length)] : []));
  if (dropped.length === 0) return assert.equal(strict.sent.length, 1, strict.error?.message);
  assert.ok(dropped.includes(refusedField(front, strict)), `${strict.error?.message ?? ''}, not ${dropped.join(' or ')}`);
}

/** The request without what is refused of it. An answer that is not what was asked for is no refusal: the request went out. */
async function acceptable(front: DialectName, back: DialectName, body: Body, met: Set<string>): Promise<Body> {
  let left = body;
  for (let turn = 0; turn < most; turn++) {
    const outcome = await call(front, back, left);
    if (outcome.error === undefined || outcome.error.code === 'upstream_invalid_response') {
      assert.equal(outcome.sent.length, 1);
      assert.deepEqual(misplaced(outcome, left), []);
      await strictly(front, back, left, outcome);
      return left;
    }
    const field = refusedField(front, outcome);
    const steps = stepsOf(field, left);
    assert.ok(steps !== undefined, `${field} is nowhere in the request: ${outcome.error.message}`);
    met.add(field);
    left = removeAt(left, steps) as Body;
  }
  return assert.fail('refusals without end');
}

for (const front of names) {
  describe(`from ${front}`, () => {
    const { request } = dialects[front].verdicts;
    const samples = samplesOf(request, { unknownField: 'x_new' }).map(({ value }) => value as Body);
    const needed = [...request.fields].flatMap(([name, field]) => (field.required === true ? [name] : []));
    const of = (whole: Body, keys: readonly string[]): Body =>
      Object.fromEntries(keys.flatMap((name) => (name in whole ? [[name, whole[name]] as const] : [])));

    for (const back of names.filter((name) => name !== front)) {
      test(`to ${back}: nothing is sent of what is refused, and the refusal says what, to whom and what else`, async () => {
        const met = new Set<string>();
        for (const whole of samples) {
          const least = await acceptable(front, back, of(whole, needed), met);
          for (const key of Object.keys(whole)) {
            if (!needed.includes(key)) await acceptable(front, back, { ...of(whole, [key, ...(request.fields.get(key)?.beside ?? [])]), ...least }, met);
          }
        }
        assert.ok(met.size > 0);
      });
    }
  });
}
