import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { usedMemory } from '../../../../test/support/used-memory.ts';
import {
  beginsRequest,
  fieldLine,
  headEnd,
  HttpSyntaxError,
  keepsAlive,
  parseRequestHead,
  parseResponseHead,
  requestFraming,
  responseFraming,
} from './head.ts';

const request = (lines: string, first = 'POST /v1/x HTTP/1.1') => parseRequestHead(`${first}\r\n${lines}`);
const response = (lines: string, first = 'HTTP/1.1 200 OK') => parseResponseHead(`${first}\r\n${lines}`);

function refused(run: () => unknown, status = 400): void {
  assert.throws(run, (error: unknown) => error instanceof HttpSyntaxError && error.status === status);
}

function eachRefused(cases: readonly string[], run: (text: string) => unknown, status = 400): void {
  for (const text of cases)
    assert.throws(
      () => run(text),
      (error: unknown) => error instanceof HttpSyntaxError && error.status === status,
      JSON.stringify(text),
    );
}

describe('the request line', () => {
  const line = (first: string) => request('', first);

  test('is read into its three parts', () => {
    assert.deepEqual(line('GET /v1/models?a=1&b=%20#c HTTP/1.1'), { method: 'GET', target: '/v1/models?a=1&b=%20#c', version: '1.1', headers: {} });
    assert.deepEqual(line('OPTIONS * HTTP/1.0'), { method: 'OPTIONS', target: '*', version: '1.0', headers: {} });
    assert.equal(line('GET http://host:80/v1/x HTTP/1.1').target, 'http://host:80/v1/x');
    assert.equal(line('M-SEARCH / HTTP/1.1').method, 'M-SEARCH');
  });

  test('has single blanks only', () => {
    eachRefused(['GET  / HTTP/1.1', 'GET /  HTTP/1.1', ' GET / HTTP/1.1', 'GET / HTTP/1.1 ', 'GET\t/ HTTP/1.1', 'GET /\tHTTP/1.1', 'GET /a b HTTP/1.1'], line);
  });

  test('has a method in capitals', () => {
    eachRefused(
      [
        '',
        ' ',
        'get / HTTP/1.1',
        'Post / HTTP/1.1',
        '-GET / HTTP/1.1',
        'G@T / HTTP/1.1',
        `${'A'.repeat(21)} / HTTP/1.1`,
        '/ HTTP/1.1',
        'CONNECT a:443 HTTP/1.1',
        'CONNECT / HTTP/1.1',
      ],
      line,
    );
  });

  test('has a target of visible ASCII that is a path, a star or absolute', () => {
    eachRefused(
      ['GET HTTP/1.1', 'GET  HTTP/1.1', 'GET /\xe4 HTTP/1.1', 'GET v1/x HTTP/1.1', 'GET ?a HTTP/1.1', 'GET *x HTTP/1.1', 'GET //\x80 HTTP/1.1'],
      line,
    );
    for (const good of ['http://[::1]:80', 'HTTPS://a.b', 'http://a/', 'http://a?b']) assert.equal(line(`GET ${good} HTTP/1.1`).target, good);
    eachRefused(['GET http:// HTTP/1.1', 'GET http:///x HTTP/1.1', 'GET http://"a/ HTTP/1.1', 'GET http://u:p@a/ HTTP/1.1', 'GET http:/a HTTP/1.1'], line);
    eachRefused(['GET /\x00 HTTP/1.1', 'GET /\x7f HTTP/1.1', 'GET /\r HTTP/1.1', 'GET /\n HTTP/1.1', 'GET /\x0b HTTP/1.1'], line);
  });

  test('is of HTTP/1.0 or 1.1', () => {
    eachRefused(['GET / HTTP/1.2', 'GET / HTTP/2.0', 'GET / HTTP/0.9', 'PRI * HTTP/2.0'], line, 505);
    eachRefused(['GET /', 'GET / ', 'GET / HTTP/1', 'GET / HTTP/1.', 'GET / HTTP/11.1', 'GET / HTTP/1.01', 'GET / http/1.1', 'GET / HTTPS/1.1'], line);
    eachRefused(['GET / ICE/1.0', 'GET / RTSP/1.0', 'GET / IHTTP/1.1', 'GET / HTTP/1.1x', 'GET / HTTP/+1.1'], line);
  });

  test('ends with CR LF', () => {
    eachRefused(['', 'GET / HTTP/1.1', 'GET / HTTP/1.1\n', 'GET / HTTP/1.1\nHost: x\r\n', 'GET / HTTP/1.1\r', 'GET / HTTP/1.1\rHost: x\r\n'], parseRequestHead);
  });
});

describe('the status line', () => {
  const line = (first: string) => response('', first);

  test('is read with and without a reason', () => {
    assert.deepEqual(line('HTTP/1.1 200 OK'), { status: 200, version: '1.1', headers: {} });
    for (const good of ['HTTP/1.0 200', 'HTTP/1.0 200 ', 'HTTP/1.0 200  OK', 'HTTP/1.0 200 \xe4h: ja\t"so"']) assert.equal(line(good).version, '1.0');
    assert.equal(line('HTTP/1.1 599 Odd').status, 599);
  });

  test('has three digits', () => {
    eachRefused(['HTTP/1.1 2 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK', 'HTTP/1.1 0x1 OK', 'HTTP/1.1 099 OK', 'HTTP/1.1 600 OK', 'HTTP/1.1 -20 OK'], line);
    eachRefused(
      ['HTTP/1.1  200 OK', 'HTTP/1.1\t200 OK', 'HTTP/1.1 200OK', 'HTTP/1.1 200\tOK', 'HTTP/1.1', 'HTTP/1.1 ', ' HTTP/1.1 200 OK', '', '200 OK'],
      line,
    );
  });

  test('is of HTTP/1.0 or 1.1', () => {
    eachRefused(['HTTP/1.2 200 OK', 'HTTP/2.0 200 OK', 'HTTP/0.9 200 OK'], line, 505);
    eachRefused(['HTTP/11.1 200 OK', 'HTP/1.1 200 OK', 'HTTP/01.1 200 OK', 'HTTP/1.01 200 OK', 'http/1.1 200 OK', 'ICY/1.1 200 OK'], line);
  });

  test('holds no line of its own in the reason', () => {
    eachRefused(['HTTP/1.1 200 OK\nfoo: bar', 'HTTP/1.1 200 OK\rfoo: bar', 'HTTP/1.1 200 \n', 'HTTP/1.1 200 a\x00b', 'HTTP/1.1 200 \x7f'], line);
  });
});

describe('fields', () => {
  const fields = (lines: string) => request(lines).headers;

  test('have names in any case, and values without the blanks around them', () => {
    assert.deepEqual(fields('Host:x\r\nX-Two: \t a  b\t \r\nEMPTY:\r\nBlank: \t\r\n'), { host: 'x', 'x-two': 'a  b', empty: '', blank: '' });
    assert.deepEqual(fields("!#$%&'*+-.^_`|~09az: v\r\n"), { "!#$%&'*+-.^_`|~09az": 'v' });
    assert.deepEqual(fields('a: b: c\r\nd: \xe4\x80\xff\r\n'), { a: 'b: c', d: '\xe4\x80\xff' });
  });

  test('said twice are joined, but where one value only can be meant', () => {
    const twice = 'X-A: 1\r\nx-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\nAuthorization: one\r\nauthorization: two\r\nx-a:\r\n';
    assert.deepEqual(fields(twice), { 'x-a': '1, 2, ', cookie: 'a=1; b=2', authorization: 'one' });
    assert.deepEqual(fields('Set-Cookie: a=1\r\n'), {});
  });

  test('end with CR LF and nothing else', () => {
    eachRefused(
      ['a: 1\n', 'a: 1\nb: 2\r\n', 'a: 1\rb: 2\r\n', 'a: 1\r\r\n', 'a: 1\n\r\n', 'a:\r b\r\n', 'a:\nb: c\r\n', 'a: 1\r\nb: 2\nc: 3\r\n', '\r', '\n'],
      fields,
    );
    eachRefused(['a: 1', 'a: 1\r', 'a: 1\r\nb: 2'], fields);
  });

  test('are not folded', () => {
    eachRefused(['a: 1\r\n b\r\n', 'a: 1\r\n\tb\r\n', 'a: 1\r\n b: c\r\n', ' a: 1\r\n', '\ta: 1\r\n', 'a: 1\r\n \r\n', 'name\r\n : value\r\n'], fields);
  });

  test('have a token for a name, right before its colon', () => {
    eachRefused(
      [
        'a : 1\r\n',
        'a\t: 1\r\n',
        ': 1\r\n',
        'a b: 1\r\n',
        'a(b): 1\r\n',
        'a"b: 1\r\n',
        'a@b: 1\r\n',
        '\xe4: 1\r\n',
        'a\x00: 1\r\n',
        'no colon\r\n',
        'a\r\n: b\r\n',
      ],
      fields,
    );
    eachRefused(['{a}: 1\r\n', 'a/b: 1\r\n', 'a[0]: 1\r\n', 'a=b: 1\r\n', 'a\\b: 1\r\n', 'a,b: 1\r\n', 'a;b: 1\r\n', 'a<b>: 1\r\n', 'a?: 1\r\n'], fields);
  });

  test('hold no control character', () => {
    const bad = [0, 1, 8, 11, 12, 14, 27, 31, 127];
    eachRefused(
      bad.map((code) => `a: x${String.fromCharCode(code)}y\r\n`),
      fields,
    );
    eachRefused(
      bad.map((code) => `a${String.fromCharCode(code)}: x\r\n`),
      fields,
    );
    assert.deepEqual(fields('a: x\ty\r\n'), { a: 'x\ty' });
  });

  test('named like parts of an object are just fields, or refused', () => {
    assert.deepEqual(Object.entries(fields('Constructor: x\r\nconstructor: y\r\ntoString: z\r\nhasOwnProperty: a\r\nvalueOf: b\r\n')), [
      ['constructor', 'x, y'],
      ['tostring', 'z'],
      ['hasownproperty', 'a'],
      ['valueof', 'b'],
    ]);
    eachRefused(['__proto__: x\r\n', '__PROTO__: x\r\n', '__Proto__:\r\n'], fields);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });

  test('are at most a hundred', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: ${i}\r\n`).join('');
    assert.equal(Object.keys(fields(many(100))).length, 100);
    refused(() => fields(many(101)), 431);
    refused(() => fields('a: 1\r\n'.repeat(101)), 431);
  });

  test('that frame the message or name its host stand once', () => {
    for (const name of ['Content-Length', 'Transfer-Encoding', 'Host']) {
      eachRefused(
        [`${name}: 5\r\n${name}: 5\r\n`, `${name}: 5\r\nx: y\r\n${name.toLowerCase()}: 6\r\n`, `${name}:\r\n${name}: 5\r\n`, `${name}: 5\r\n${name}:\r\n`],
        fields,
      );
    }
  });

  test('of any name are read the same again and again', () => {
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(fields('X-Seen-Again: 1\r\n'), { 'x-seen-again': '1' });
      eachRefused(['X Seen: 1\r\n', '__proto__: 1\r\n'], fields);
    }
  });

  test('leave nothing of their head in memory', () => {
    const before = usedMemory();
    for (let i = 0; i < 1500; i++) assert.equal(Object.keys(fields(`x-name-of-twenty-letters-${i}: 1\r\nb: ${'x'.repeat(60_000)}\r\n`)).length, 2);
    assert.ok(usedMemory() - before < 20_000_000);
  });
});

describe('the framing of a request', () => {
  const framing = (lines: string, first?: string) => requestFraming(request(lines, first));

  test('is none, a length or chunked', () => {
    assert.deepEqual(framing(''), { kind: 'none' });
    assert.deepEqual(framing('Content-Length: 0\r\n'), { kind: 'none' });
    assert.deepEqual(framing('Content-Length: 000\r\n'), { kind: 'none' });
    assert.deepEqual(framing('Content-Length: 5\r\n'), { kind: 'length', length: 5 });
    assert.deepEqual(framing('Content-Length:\t007 \r\n'), { kind: 'length', length: 7 });
    assert.deepEqual(framing('Content-Length: 999999999999999\r\n'), { kind: 'length', length: 999_999_999_999_999 });
    for (const coding of ['chunked', 'Chunked', 'CHUNKED', ' \tchunked  ']) assert.deepEqual(framing(`Transfer-Encoding:${coding}\r\n`), { kind: 'chunked' });
  });

  test('has a length of digits only', () => {
    const bad = [
      '',
      ' ',
      '+1',
      '-1',
      '-0',
      '0x1',
      '1 2',
      '1,1',
      '1, 1',
      '5, 6',
      '1.0',
      '1e3',
      '١',
      '\xb2',
      '5;',
      '"5"',
      'chunked',
      '1_0',
      'Infinity',
      'NaN',
      '1\t2',
    ];
    eachRefused(bad, (length) => framing(`Content-Length: ${Buffer.from(length, 'latin1').toString('latin1')}\r\n`));
    eachRefused(['1000000000000000', '9007199254740993', '18446744073709551616', '9'.repeat(400)], (length) => framing(`Content-Length: ${length}\r\n`));
  });

  test('has no coding but chunked', () => {
    const bad = ['', 'identity', 'gzip', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'chunked,', ',chunked', 'xchunked', 'chunkedx', 'x chunked'];
    eachRefused([...bad, 'chunked;q=1', '"chunked"', 'chunked foo', 'chun ked', 'pigeons', 'deflate'], (coding) => framing(`Transfer-Encoding: ${coding}\r\n`));
    refused(() => framing('Transfer-Encoding: chunked\t\r\n'));
    refused(() => framing('Transfer-Encoding: \xe3hunked\r\n'));
    // Lower case of the Kelvin sign is k; latin1 has no such trap.
    refused(() => framing('Transfer-Encoding: chun\xaaed\r\n'));
  });

  test('is not said in two ways, and not chunked in HTTP/1.0', () => {
    eachRefused(
      [
        'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
        'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n',
        'Content-Length:\r\nTransfer-Encoding:\r\n',
      ],
      (lines) => framing(lines),
    );
    refused(() => framing('Transfer-Encoding: chunked\r\n', 'POST / HTTP/1.0'));
  });
});

describe('the framing of a response', () => {
  const framing = (lines: string, first?: string) => responseFraming(response(lines, first));

  test('is a length, chunked, or until the end', () => {
    assert.deepEqual(framing(''), { kind: 'close' });
    assert.deepEqual(framing('content-length: 0\r\n'), { kind: 'none' });
    assert.deepEqual(framing('content-length: 12\r\n'), { kind: 'length', length: 12 });
    assert.deepEqual(framing('transfer-encoding: chunked\r\n'), { kind: 'chunked' });
  });

  test('is none where the status says so, and what it declares must still be legal', () => {
    for (const status of [204, 304]) {
      assert.deepEqual(framing('content-length: 12\r\n', `HTTP/1.1 ${status} x`), { kind: 'none' });
      assert.deepEqual(framing('transfer-encoding: chunked\r\n', `HTTP/1.1 ${status} x`), { kind: 'none' });
      refused(() => framing('content-length: -1\r\n', `HTTP/1.1 ${status} x`));
    }
  });

  test('is refused where two readers could differ', () => {
    eachRefused(
      [
        'content-length: 1\r\ntransfer-encoding: chunked\r\n',
        'transfer-encoding: gzip, chunked\r\n',
        'content-length: 1, 1\r\n',
        'transfer-encoding: identity\r\n',
      ],
      (lines) => framing(lines),
    );
    refused(() => framing('transfer-encoding: chunked\r\n', 'HTTP/1.0 200 OK'));
  });
});

test('a connection is kept as its message says', () => {
  const kept = (version: '1.0' | '1.1', connection?: string) => keepsAlive({ version, headers: connection === undefined ? {} : { connection } });
  assert.deepEqual([kept('1.1'), kept('1.0')], [true, false]);
  for (const yes of ['keep-alive', 'Keep-Alive', 'foo, keep-alive', 'keep-alive,foo', ' keep-alive ,\tfoo'])
    assert.deepEqual([kept('1.1', yes), kept('1.0', yes)], [true, true], yes);
  for (const no of ['close', 'Close', 'keep-alive, close', 'close,keep-alive', 'foo ,CLOSE'])
    assert.deepEqual([kept('1.1', no), kept('1.0', no)], [false, false], no);
  for (const other of ['', 'upgrade', 'closed', 'not-close', 'keep-alives', 'xkeep-alive', 'close;'])
    assert.deepEqual([kept('1.1', other), kept('1.0', other)], [true, false], other);
});

test('the end of a head is found behind its empty line', () => {
  assert.equal(headEnd(Buffer.from('GET / HTTP/1.1\r\n\r\nrest'), 0), 18);
  assert.equal(headEnd(Buffer.from('\r\n\r\nGET / HTTP/1.1\r\n\r\n'), 4), 22);
  for (const none of ['', '\r\n', '\r\n\r', '\n\n', 'a\r\n\n', 'a\n\r\n', 'a\r\r\n\n']) assert.equal(headEnd(Buffer.from(none), 0), -1);
});

test('what cannot become a request is seen by its first bytes', () => {
  const begins = (text: string) => beginsRequest(Buffer.from(text, 'latin1'));
  for (const yes of ['', '\r\n', 'G', 'GET', 'GET ', 'POST /v1', 'M-SEARCH ', 'A'.repeat(20), '\r\nGET / HTTP/1.1\r\nx']) assert.equal(begins(yes), true, yes);
  for (const no of ['get', ' GET', 'GE\x00', 'G\r\n', 'GET\r\n', '{', '\x16\x03\x01\x02\x00', '\r\n ', 'A'.repeat(21), '0\r\n', 'HTTP/1.1 200', 'GET/'])
    assert.equal(begins(no), false, no);
});

test('no field is written that would be read as something else', () => {
  assert.equal(fieldLine('x-a', 'b\t\xe4'), 'x-a: b\t\xe4\r\n');
  for (const value of ['a\r\nb: c', 'a\n', 'a\r', '\x00', '\x7f', '\u010d\u010a', '\u2028', '\ud83d\ude00']) refused(() => fieldLine('x-a', value));
  for (const name of ['', 'a b', 'a:', 'a\r\nb', 'a\n', '\xe4', '\u010d', 'a\x00', '__proto__']) refused(() => fieldLine(name, 'x'));
});
