import type { GenerationEnd, Piece } from './generator.ts';
import { createStopFilter } from './stop-filter.ts';
import { createToolCallReader } from './tool-call-reader.ts';

/** What the engine writes: plain text, or a segment such as reasoning. */
export type Written = { readonly type: 'segment' | undefined; readonly text: string; readonly tokens: readonly unknown[] };

/** A call the model made in the way of its own chat template. */
export type TemplateCall = { readonly functionName: string; readonly params?: unknown };

/**
 * Sorts what the engine writes into pieces: text up to a stop string, reasoning, or the call a grammar forced. Calls `enough` when
 * nothing that comes after could be part of the answer. An answer that does not continue a text the client gave begins without space.
 */
export function createAnswerPieces(
  wanted: { readonly stop: readonly string[]; readonly forcedCall: boolean; readonly continues: boolean },
  emit: (piece: Piece) => void,
  enough: () => void,
) {
  const stop = createStopFilter(wanted.stop);
  const reader = wanted.forcedCall ? createToolCallReader() : undefined;
  let reasoning = 0;
  let begun = wanted.continues;

  function text(piece: string): void {
    const shown = begun ? piece : piece.trimStart();
    if (shown === '') return;
    begun = true;
    emit({ type: 'text', text: shown });
  }

  function finishOf(reason: string | undefined): GenerationEnd['finish'] {
    if (reader !== undefined) return reader.complete ? 'tool_calls' : 'length';
    if (stop.stopped) return 'stop';
    if (reason === 'functionCalls') return 'tool_calls';
    return reason === 'maxTokens' ? 'length' : 'stop';
  }

  return {
    add(written: Written): void {
      if (written.type === 'segment') {
        reasoning += written.tokens.length;
        if (written.text !== '') emit({ type: 'reasoning', text: written.text });
      } else if (reader !== undefined) {
        reader.push(written.text, emit);
        if (reader.complete) enough();
      } else {
        text(stop.push(written.text));
        if (stop.stopped) enough();
      }
    },
    /** Tells what was held back and the calls, and how the generation ended. `reason` is the engine's own word for it. */
    end(reason: string | undefined, calls: readonly TemplateCall[]): GenerationEnd['finish'] {
      text(stop.end());
      for (const call of stop.stopped ? [] : calls) {
        emit({ type: 'call', name: call.functionName });
        emit({ type: 'arguments', text: JSON.stringify(call.params ?? {}) });
      }
      return finishOf(reason);
    },
    get reasoningTokens(): number {
      return reasoning;
    },
  };
}
