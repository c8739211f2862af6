import type { Sealing } from '../../core/dialect.ts';
import type { RawJson } from '../../core/ir.ts';
import { printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText, type Path } from '../../core/json-text.ts';
import { sealedAlone } from '../../core/seal.ts';
import { type FieldChange, spliceFields } from '../../core/splice-json.ts';
import { readEvent, withData } from '../../core/sse-text.ts';
import type { Target } from '../../core/target.ts';
import { encodeSse } from './wire.ts';

/** A quote within a JSON string is escaped, so a word that stands here with its quotes is no text. */
const thinkingType = /"type"\s*:\s*"(?:redacted_)?thinking"/;
const signatureKey = /"signature"\s*:/;
const blockEnd = /\bcontent_block_stop\b/;

/** Signatures and secret thinking. Thinking that was not signed is given an empty signature, so that clients have one to send back. */
export const sealing: Sealing = {
  whole(answer, target) {
    if (!thinkingType.test(answer)) return answer;
    const json = parseJsonText(answer);
    return spliceFields(json, isObject(json.value) ? inBlocks(json.value['content'], ['content'], target) : []);
  },
  stream(target) {
    /** The indexes of blocks of thinking that have begun and have no signature yet. */
    const unsigned = new Set<unknown>();
    const change = (data: string): RawJson | undefined => {
      const json = parseJsonText(data);
      const value = isObject(json.value) ? json.value : {};
      const { index, content_block: block, delta } = value;
      if (isObject(delta) && typeof delta['signature'] === 'string') unsigned.delete(index);
      // Its signature comes in a delta, or not at all.
      if (isObject(block) && block['type'] === 'thinking' && (block['signature'] ?? '') === '') unsigned.add(index);
      const changes = inEvent(value, unsigned.has(index), target);
      return changes.length === 0 ? undefined : spliceFields(json, changes);
    };
    return (event, text) => {
      if (thinkingType.test(event) || signatureKey.test(event)) return withData(text(), change);
      if (unsigned.size === 0 || !blockEnd.test(event)) return undefined;
      const { value } = readEvent(event);
      const index = isObject(value) ? value['index'] : undefined;
      return unsigned.delete(index) ? emptySignature(index, target) + text() : undefined;
    };
  },
};

function inEvent({ message, content_block: block, delta }: JsonObject, isUnsigned: boolean, target: Target): FieldChange[] {
  if (isObject(message)) return inBlocks(message['content'], ['message', 'content'], target);
  if (isObject(delta)) return typeof delta['signature'] === 'string' ? [sealedField(delta, 'signature', ['delta'], target)] : [];
  return isUnsigned ? [] : inBlock(block, ['content_block'], target);
}

function inBlocks(content: unknown, at: Path, target: Target): FieldChange[] {
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [];
  return blocks.flatMap((block, index) => inBlock(block, [...at, index], target));
}

function inBlock(block: unknown, at: Path, target: Target): FieldChange[] {
  if (!isObject(block)) return [];
  if (block['type'] === 'thinking') return [sealedField(block, 'signature', at, target)];
  return block['type'] === 'redacted_thinking' ? [sealedField(block, 'data', at, target)] : [];
}

function sealedField(holder: JsonObject, key: string, at: Path, target: Target): FieldChange {
  const state = holder[key];
  return { at, key, raw: printString(sealedAlone(typeof state === 'string' ? state : '', target)) };
}

function emptySignature(index: unknown, target: Target): string {
  const delta = `{"type":"signature_delta","signature":${printString(sealedAlone('', target))}}`;
  const data = printObject([
    ['type', '"content_block_delta"'],
    ['index', printOptional(typeof index === 'number' ? index : undefined)],
    ['delta', delta],
  ]);
  return encodeSse('content_block_delta', data);
}
