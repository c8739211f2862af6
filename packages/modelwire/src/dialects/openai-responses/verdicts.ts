import type { VerdictTable } from '../../core/verdicts.ts';
import { events } from './verdicts-event.ts';
import { reply } from './verdicts-reply.ts';
import { request } from './verdicts-request.ts';

const file = 'resources/responses/responses.d.ts';

/** What becomes of every field of OpenAI's Responses API: see core/verdicts.ts. */
export const verdicts: VerdictTable = {
  official: {
    package: 'openai',
    request: [`${file}#ResponseCreateParams`],
    reply: [`${file}#Response`],
    event: [`${file}#ResponseStreamEvent`],
  },
  request,
  reply,
  event: events,
};
