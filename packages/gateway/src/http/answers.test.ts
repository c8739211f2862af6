import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AnswerVerdict, ourVerdict, undiciVerdicts } from '../../../../test/support/answer-verdict.ts';
import { badAnswers, goodAnswers, unfinishedAnswers } from '../../../../test/support/http-answers.ts';
import type { Sample } from '../../../../test/support/http-requests.ts';

/** Each sample goes to our reader and to undici, and both must make the same of it, but for what is named here. */

/** We refuse what undici takes. */
const stricter: { readonly [name: string]: string } = {
  'HTTP/0.9': 'no version of ours',
  'HTTP/2.0': 'no version of ours',
  'a status of 600': 'no status',
  'NUL in the reason': 'no control character in a head',
  'empty lines before': 'only a request may come behind some, RFC 9112 §2.2',
  'a prototype': 'no plain object can hold it',
  'a hundred hints': 'more than anybody means',
  '101 fields': 'our limit; undici has none but that of bytes',
  'a length of 16 digits': 'beyond any body',
  'an empty coding': 'plain chunked only',
  'an empty coding and a length': 'plain chunked only',
  identity: 'plain chunked only',
  'gzip before chunked': 'nothing is unpacked: the body would be handed on as what it is not',
  'gzip after chunked': 'plain chunked only',
  'chunked twice': 'plain chunked only',
  'chunked in two fields': 'plain chunked only',
  xchunked: 'plain chunked only',
  'chunked in HTTP/1.0': 'a faulty framing, RFC 9112 §6.1',
  'a chunk size of twelve digits': 'beyond any body',
  'an extension that is too long': 'undici has no limit',
};

/** Both take it, not quite in the same way. */
const different: { readonly [name: string]: string } = {
  'fields with odd blanks': 'undici leaves a tab behind the value',
  'retry-after twice': 'the first counts',
  cookies: 'nobody is given them',
};

const bytesOf = ([, text]: Sample): Buffer => Buffer.from(text, 'latin1');

/** What comes before the fault may be handed on or not. */
function comparable(verdict: AnswerVerdict): AnswerVerdict {
  return verdict.end === 'failed' ? { ...verdict, body: '' } : verdict;
}

for (const end of [false, true]) {
  describe(`answers on a connection that ${end ? 'ends behind them' : 'stays open'}, as undici understands them`, () => {
    async function compare(samples: readonly Sample[], check: (name: string, ours: AnswerVerdict, theirs: AnswerVerdict) => void): Promise<void> {
      const theirs = await undiciVerdicts(samples.map(bytesOf), end);
      samples.forEach((sample, index) => check(sample[0], ourVerdict([bytesOf(sample)], end), theirs[index]!));
    }

    test('good ones', async () => {
      await compare(goodAnswers, (name, ours, theirs) => {
        if (!(name in different)) assert.deepEqual(ours, theirs, name);
        assert.ok(ours.end === 'kept' || ours.end === 'closed' || (!end && /to the end/.test(name)), name);
      });
    });

    test('unfinished ones', async () => {
      await compare(unfinishedAnswers, (name, ours, theirs) => {
        assert.deepEqual(comparable(ours), comparable(theirs), name);
        assert.equal(ours.end, end ? 'failed' : 'waiting', name);
      });
    });

    test('bad ones, but for what is named', async () => {
      await compare(badAnswers, (name, ours, theirs) => {
        if (name in stricter) {
          assert.equal(ours.end, 'failed', name);
          if (!end || name !== 'a length of 16 digits') assert.notEqual(theirs.end, 'failed', name);
        } else if (name in different) assert.deepEqual([ours.end, ours.body, ours.status], [theirs.end, theirs.body, theirs.status], name);
        else assert.deepEqual(comparable(ours), comparable(theirs), name);
      });
    });
  });

  test(`answers on a connection that ${end ? 'ends behind them' : 'stays open'} are the same however they are cut`, () => {
    for (const sample of [...goodAnswers, ...unfinishedAnswers, ...badAnswers]) {
      const bytes = bytesOf(sample);
      if (bytes.length > 3000) continue;
      const whole = ourVerdict([bytes], end);
      const single = ourVerdict(
        Array.from(bytes, (byte) => Buffer.of(byte)),
        end,
      );
      assert.deepEqual(comparable(single), comparable(whole), sample[0]);
      for (let at = 1; at < bytes.length; at++) {
        const cut = ourVerdict([bytes.subarray(0, at), bytes.subarray(at)], end);
        assert.deepEqual(comparable(cut), comparable(whole), `${sample[0]}, cut at ${at}`);
      }
    }
  });
}

test('what is named is there', () => {
  const names = new Set([...goodAnswers, ...badAnswers].map(([name]) => name));
  for (const name of [...Object.keys(stricter), ...Object.keys(different)]) assert.ok(names.has(name), name);
});

test('hints before an answer are passed over up to a limit', () => {
  const hints = (count: number): AnswerVerdict =>
    ourVerdict([Buffer.from(`${'HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n'.repeat(count)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}`)], false);
  assert.deepEqual([hints(16).status, hints(16).body, hints(16).end], [200, '{}', 'kept']);
  assert.equal(hints(17).end, 'failed');
});

test('a head has at most 64 KiB', () => {
  const head = (length: number): AnswerVerdict => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: ';
    return ourVerdict([Buffer.from(`${text}${'x'.repeat(length - text.length - 4)}\r\n\r\n`)], false);
  };
  assert.deepEqual([head(65_536).end, head(65_537).end], ['kept', 'failed']);
  assert.equal(ourVerdict([Buffer.from(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(65_536)}`)], false).end, 'failed');
});
