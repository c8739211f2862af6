import { fieldLine, type Version } from './head.ts';

const reasons: { readonly [status: number]: string } = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
};

const keepLines = 'connection: keep-alive\r\nkeep-alive: timeout=65\r\n';
const closeLine = 'connection: close\r\n';

export type AnswerHead = {
  /** Bytes of the body; undefined for one that flows. */
  readonly length?: number | undefined;
  readonly keep: boolean;
  readonly version?: Version;
};

/** The head of an answer, with what frames its body. */
export function answerHead(status: number, headers: Readonly<Record<string, string>>, { length, keep, version = '1.1' }: AnswerHead): string {
  let head = `HTTP/1.1 ${status} ${reasons[status] ?? 'Status'}\r\n`;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) head += fieldLine(name, value);
  }
  if (hasNoBody(status)) return `${head}${dateLine()}${keep ? keepLines : closeLine}\r\n`;
  const framing = length === undefined ? (version === '1.1' ? 'transfer-encoding: chunked\r\n' : '') : `content-length: ${length}\r\n`;
  return `${head}${dateLine()}${keep ? keepLines : closeLine}${framing}\r\n`;
}

/** Neither a body nor a word about one. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

let dateAt = 0;
let dateText = '';

/** Made once a second. */
function dateLine(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateAt) {
    dateAt = second;
    dateText = `date: ${new Date(second * 1000).toUTCString()}\r\n`;
  }
  return dateText;
}

export function chunkStart(length: number): string {
  return `${length.toString(16)}\r\n`;
}

export const chunkEnd = '\r\n';
export const lastChunk = '0\r\n\r\n';
