import { indexOfBytes, latin1, skipSpace, utf8Slice } from '../core/bytes.ts';
import { GatewayError } from '../core/errors.ts';
import { scanTopLevel, spliceTopLevel } from '../core/top-level.ts';

/** The model that a body names, and the same body with another name in its place. */
export type NamedModel = { readonly model: string; renamed(model: string): readonly (Uint8Array | string)[] };

const longestName = 512;
const openBrace = 123;

/** Looks for the model's name in a JSON object or a form, and at nothing else of it. Undefined when there is none. */
export function namedModel(body: Uint8Array, contentType: string): NamedModel | undefined {
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType.slice(0, 1000));
  if (boundary !== null) return inForm(body, boundary[1] ?? boundary[2] ?? '');
  // As elsewhere, nobody must say that JSON is JSON.
  return body[skipSpace(body, 0)] === openBrace ? inJson(body) : undefined;
}

function inJson(body: Uint8Array): NamedModel | undefined {
  const top = scanTopLevel(body);
  const model = top.value('model');
  if (model === undefined || model === null) return undefined;
  if (typeof model !== 'string' || model === '' || model.length > longestName) throw unusable();
  return { model, renamed: (to) => (to === model ? [body] : spliceTopLevel(top, [{ kind: 'set', key: 'model', raw: JSON.stringify(to) }])) };
}

/** Hops from one delimiter to the next; the contents of files are not looked at. https://www.rfc-editor.org/rfc/rfc7578 */
function inForm(body: Uint8Array, boundary: string): NamedModel | undefined {
  const delimiter = `--${boundary}`;
  for (let at = indexOfBytes(body, delimiter); at !== -1;) {
    const head = at + delimiter.length;
    const end = indexOfBytes(body, `\r\n${delimiter}`, head);
    if (end === -1) return undefined;
    const start = indexOfBytes(body, '\r\n\r\n', head) + 4;
    if (start > 3 && start <= end && start - head < longestHead && isModel(latin1(body.subarray(head, start)))) {
      if (end - start === 0 || end - start > longestName) throw unusable();
      const model = utf8Slice(body, start, end);
      return { model, renamed: (to) => (to === model ? [body] : [body.subarray(0, start), to, body.subarray(end)]) };
    }
    at = end + 2;
  }
  return undefined;
}

const longestHead = 4096;

/** Whether the head of a form's part says that it is the field `model`. */
function isModel(head: string): boolean {
  return /\bname="model"(?:[;\r]|$)/i.test(head) && !/\bfilename\*?=/i.test(head);
}

function unusable(): GatewayError {
  return new GatewayError('invalid_request', `model must be a non-empty string of at most ${longestName} characters`, { param: 'model' });
}
