import type { Context, Prepared, Translation } from './dialect.ts';
import { emulateTools } from './emulated-tools.ts';
import { forceCall } from './forced-call.ts';
import type { ChatRequest, Reply } from './ir.ts';
import { emulateOutput } from './structured-output.ts';

/**
 * The request in the provider's words, with what neither its format nor the provider has emulated here. `seen` is told of every whole
 * reply before it is judged: one that is refused here has been paid for all the same.
 */
export function prepareFor(back: Translation, request: ChatRequest, context: Context, seen: (reply: Reply) => void = () => undefined): Prepared {
  const tools = emulateTools(request, context);
  const forced = forceCall(tools?.request ?? request, back, context);
  const output = emulateOutput(forced?.request ?? tools?.request ?? request, back, context);
  const prepared = back.prepare(output.request, context);
  return {
    ...prepared,
    reply(text) {
      const reply = prepared.reply(text);
      seen(reply);
      const judged = output.reply(tools?.reply(reply) ?? reply);
      return forced?.reply(judged) ?? judged;
    },
    stream() {
      const decoder = prepared.stream();
      const judged = output.stream(tools?.stream(decoder) ?? decoder);
      return forced?.stream(judged) ?? judged;
    },
  };
}
