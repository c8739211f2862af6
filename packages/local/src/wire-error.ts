type Details = {
  readonly param?: string | null;
  readonly code?: string | null;
  readonly retryAfter?: number;
};

/** An answer that is an error, in the OpenAI shape: status, message, and the field it is about. */
export class WireError extends Error {
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;
  /** Seconds after which asking again makes sense. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, details: Details = {}) {
    super(message);
    this.name = 'WireError';
    this.status = status;
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    this.retryAfter = details.retryAfter;
  }

  toBody() {
    const type = this.status >= 500 ? 'server_error' : 'invalid_request_error';
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}

/** The value of a field is not what it may be. */
export function badValue(param: string, message: string): WireError {
  return new WireError(400, `${param}: ${message}`, { param, code: 'invalid_value' });
}

/** The field is legal in the format, and the embedded model cannot do what it asks. */
export function unsupported(param: string, message: string): WireError {
  return new WireError(400, `${param}: ${message}`, { param, code: 'unsupported_value' });
}
