import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { badRequests, goodRequests, type Sample, unfinishedRequests } from '../../../../test/support/http-requests.ts';
import { type Understood, type Verdict, verdicts } from '../../../../test/support/http-verdict.ts';

/** Each sample goes to our server and to node's, and both must make the same of it, but for what is named here. */

/** We refuse what node takes. */
const stricter: { readonly [name: string]: string } = {
  'HTTP/0.9': 'no version of ours',
  'HTTP/0.9, said': 'no version of ours',
  'HTTP/2.0': 'no version of ours',
  'a target of another scheme': 'only http and https can be meant',
  'an asterisk and more': 'no form of a target',
  'two blanks before the target': 'single blanks, RFC 9112 §3',
  'two blanks before the version': 'single blanks, RFC 9112 §3',
  'five empty lines before a request': 'two are enough for any careless client',
  'a prototype': 'node drops it without a word',
  'two hosts': 'must be refused, RFC 9112 §3.2; node takes the first',
  'the same host twice': 'must be refused, RFC 9112 §3.2; node takes the first',
  'a length of 16 digits': 'beyond any body',
  'gzip before chunked': 'a coding we do not know must be refused, RFC 9112 §6.1',
  'gzip before chunked in two fields': 'a coding we do not know must be refused, RFC 9112 §6.1',
  'a comma and chunked': 'plain chunked only',
  'chunked in HTTP/1.0': 'a faulty framing, RFC 9112 §6.1',
  'a chunk size of twelve digits': 'beyond any body',
  'a chunk size as long as it gets': 'beyond any body',
  'extensions that are too long together': 'our limit is for the body, that of node for a chunk',
};

/** We take what node refuses. */
const laxer: { readonly [name: string]: string } = {
  'a method that begins like another': 'any method is answered: with 405, by the layer above',
  'a method nobody knows': 'any method is answered: with 405, by the layer above',
  'a method of another protocol': 'any method is answered: with 405, by the layer above',
  'a framing field in the trailers': 'trailers are checked and thrown away, none is looked at',
  'no extension behind the semicolon': 'an extension lasts to CR LF for every reader, and is thrown away',
  'an extension with quotes that do not close': 'an extension lasts to CR LF for every reader, and is thrown away',
  'an extension with a blank': 'an extension lasts to CR LF for every reader, and is thrown away',
  'a request behind an upgrade': 'nobody has agreed to it, so HTTP goes on, RFC 9110 §7.8; node goes deaf',
  'data behind a request that closes': 'its answer says that the connection closes; what follows is not looked at',
  'data behind a request of HTTP/1.0': 'its answer says that the connection closes; what follows is not looked at',
  'garbage behind a request that closes': 'its answer says that the connection closes; what follows is not looked at',
};

const bytesOf = ([, text]: Sample): Buffer => Buffer.from(text, 'latin1');

async function both(samples: readonly Sample[]): Promise<readonly { readonly name: string; readonly ours: Verdict; readonly theirs: Verdict }[]> {
  const inputs = samples.map((sample) => [bytesOf(sample)]);
  const [ours, theirs] = await Promise.all([verdicts('lean', inputs), verdicts('node', inputs)]);
  return samples.map(([name], index) => ({ name, ours: ours[index]!, theirs: theirs[index]! }));
}

/** Without the body of the last one when that was refused: whether it had come before the rest was seen is a matter of turns. */
function comparable({ requests, end }: Verdict): readonly Understood[] {
  return requests.map((request, index) => (end === 'refused' && index === requests.length - 1 ? { ...request, body: undefined } : request));
}

describe('requests as node understands them', () => {
  test('good ones, all of them', async () => {
    for (const { name, ours, theirs } of await both(goodRequests)) {
      if (name in laxer) continue;
      assert.deepEqual(ours, theirs, name);
      assert.notEqual(ours.end, 'refused', name);
      assert.ok(ours.requests.length > 0 && ours.requests.every(({ body }) => body !== undefined), name);
    }
  });

  test('unfinished ones are waited for', async () => {
    for (const { name, ours, theirs } of await both(unfinishedRequests)) {
      assert.deepEqual(ours, theirs, name);
      assert.equal(ours.end, 'open', name);
    }
  });

  test('bad ones, but for what is named', async () => {
    for (const { name, ours, theirs } of await both(badRequests)) {
      if (name in stricter) {
        assert.deepEqual([ours.end, theirs.end === 'refused'], ['refused', false], name);
        assert.ok(ours.requests.length <= theirs.requests.length, name);
      } else if (name in laxer) {
        assert.equal(ours.end === 'refused', false, name);
        if (name === 'a request behind an upgrade') {
          assert.deepEqual([ours.requests.length, theirs.requests.length, theirs.end], [2, 1, 'open']);
          continue;
        }
        assert.equal(theirs.end, 'refused', name);
        assert.equal(ours.requests.length, Math.max(1, theirs.requests.length), `${name}: no request more than node has seen, or the one that only it refuses`);
      } else if (ours.end === 'refused' && theirs.end === 'refused') {
        // Node hands a request on before it has looked at all of its coding.
        assert.deepEqual(comparable(ours), comparable(theirs).slice(0, ours.requests.length), name);
        assert.ok(ours.requests.length >= theirs.requests.length - 1, name);
      } else assert.deepEqual(ours, theirs, name);
    }
  });

  test('what is named is there, and nothing smuggled is ever seen', async () => {
    const names = new Set([...goodRequests, ...badRequests].map(([name]) => name));
    assert.equal(names.size, goodRequests.length + badRequests.length);
    for (const name of [...Object.keys(stricter), ...Object.keys(laxer)]) assert.ok(names.has(name), name);
    for (const { name, ours } of await both(badRequests)) assert.ok(!ours.requests.some(({ target }) => target === '/smuggled'), name);
  });
});

describe('requests cut anywhere', () => {
  const longest = 600;
  const short = (samples: readonly Sample[]): readonly Sample[] => samples.filter(([, text]) => text.length <= longest);

  for (const [kind, samples] of Object.entries({ good: goodRequests, unfinished: unfinishedRequests, bad: badRequests })) {
    test(`${kind} ones are understood as if they came whole`, async () => {
      for (const sample of short(samples)) {
        const bytes = bytesOf(sample);
        const cuts = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => [bytes.subarray(0, i + 1), bytes.subarray(i + 1)]);
        const single = Array.from(bytes, (byte) => Buffer.of(byte));
        const [whole, ...pieces] = await verdicts('lean', [[bytes], single, ...cuts]);
        pieces.forEach((verdict, at) => assert.deepEqual(settle(verdict), settle(whole!), `${sample[0]}, cut ${at === 0 ? 'everywhere' : `at ${at}`}`));
      }
    });
  }
});

/** Whether the body was told before what follows was refused depends on where it is cut. */
function settle(verdict: Verdict): Verdict {
  return { ...verdict, requests: comparable(verdict) };
}
