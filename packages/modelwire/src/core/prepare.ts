import type { Context, Dialect, Prepared } from './dialect.ts';
import type { ChatRequest, Reply } from './ir.ts';
import { emulateOutput } from './structured-output.ts';

/**
 * The request in the provider's words, with what neither its format nor the provider has emulated here. `seen` is told of every whole
 * reply before it is judged: one that is refused here has been paid for all the same.
 */
export function prepareFor(back: Dialect, request: ChatRequest, context: Context, seen: (reply: Reply) => void = () => undefined): Prepared {
  const emulation = emulateOutput(request, back, context);
  const prepared = back.back.prepare(emulation.request, context);
  return {
    ...prepared,
    reply(text) {
      const reply = prepared.reply(text);
      seen(reply);
      return emulation.reply(reply);
    },
    stream: () => emulation.stream(prepared.stream()),
  };
}
