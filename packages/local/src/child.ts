import type { AddressInfo } from 'node:net';
import type { ChildAnswer, ChildStart } from './child-process.ts';
import { randomBytes } from 'node:crypto';
import { createChatServer } from './server.ts';

// The process the embedded model runs in: it takes its orders over IPC, loads the model and serves it on a port of the loopback interface.

process.once('message', (start: ChildStart) => {
  run(start).then(tell, (error: unknown) => tell({ type: 'failed', ...toFailure(error) }));
});
// The parent is gone, whatever ended it; so is the reason to be here.
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
// Ctrl-C reaches the whole process group. The parent decides when answers in progress have ended.
process.on('SIGINT', () => undefined);

async function run(start: ChildStart): Promise<ChildAnswer> {
  const { createLlamaGenerator } = await import('./llama.ts').catch((error: unknown) => {
    throw Object.assign(new Error('the package node-llama-cpp cannot be loaded', { cause: error }), { code: 'engine_unavailable' });
  });
  const { id, path, prompt = {} } = start.model;
  const { threads, contextSize, slots, queue, key } = start;
  const generator = await createLlamaGenerator({ modelPath: path, prompt, threads, contextSize, slots, queue });
  const createId = () => randomBytes(12).toString('hex');
  const server = createChatServer({ generator, model: id, key, now: Date.now, createId, log: (line) => console.error(line) });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { type: 'ready', port: address.port };
}

function tell(answer: ChildAnswer): void {
  process.send?.(answer, undefined, undefined, () => {
    if (answer.type === 'failed') process.exit(1);
  });
}

function toFailure(error: unknown): { readonly code: string; readonly message: string; readonly hint: string } {
  const reason =
    error instanceof Error ? [error.message, error.cause instanceof Error ? error.cause.message : ''].filter((each) => each !== '').join(': ') : String(error);
  const first = reason.split('\n', 1)[0] ?? reason;
  if (error instanceof Error && (error.name === 'NoBinaryFoundError' || ('code' in error && error.code === 'engine_unavailable'))) {
    return {
      code: 'engine_unavailable',
      message: `the engine of the local model does not run on this platform (${process.platform} ${process.arch}): ${first}`,
      hint: 'install the package node-llama-cpp (its binaries need glibc on Linux), or configure a provider with a key',
    };
  }
  return {
    code: 'engine_failed',
    message: `the local model could not be loaded: ${first}`,
    hint: 'free some memory, lower MODELWIRE_LOCAL_CONTEXT, or try another file with MODELWIRE_LOCAL_MODEL_FILE',
  };
}
