/** What becomes of the events of a provider's stream, asked of the translator itself. */
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { dialects } from '../../test/support/dialects.ts';
import { sampleStreams } from '../../test/support/sample-streams.ts';
import { showStream } from './answering.ts';
import { answerTable } from './replies.ts';

/** The fields of a format's events and where callers of each other format are shown them. */
export function streamSection(back: DialectName): string {
  return answerTable(back, { samples: sampleStreams[back](dialects[back].verdicts.event), show: showStream, most: 1 });
}
