// node drive.mjs http://127.0.0.1:PORT: every call of Hugging Face's client against a hub; exits 1 when one does not give what it must.
import * as hf from '@huggingface/hub';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const options = { hubUrl: process.argv[2], accessToken: 'hf_test' };
const repo = { type: 'model', name: 'tester/js' };
const big = crypto.randomBytes(3 << 20), second = crypto.randomBytes(2 << 20);
const cacheDir = fs.mkdtempSync(path.join(os.tmpdir(), 'wisehub-hfjs-'));
let failed = 0;

async function check(name, run) {
  try {
    await run();
    console.log(`ok   ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}: ${e.message} ${e.statusCode ?? ''}`);
  }
}

async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

await check('whoAmI', async () => assert.equal((await hf.whoAmI(options)).name, 'tester'));
await check('createRepo', async () => assert.match((await hf.createRepo({ ...options, repo })).repoUrl, /\/tester\/js$/));
// In one part (tiny.bin) and in several (model.bin).
await check('uploadFiles by LFS', async () => {
  const files = [{ path: 'config.json', content: new Blob(['{"a":1}']) }, { path: 'sub 目录/model.bin', content: new Blob([big]) }, { path: 'tiny.bin', content: new Blob(['tiny']) }];
  assert.match((await hf.uploadFiles({ ...options, repo, useXet: false, files })).commit.oid, /^[0-9a-f]{40}$/);
});
await check('uploadFiles by default', async () => {
  assert.match((await hf.uploadFiles({ ...options, repo, files: [{ path: 'b2.bin', content: new Blob([second]) }] })).commit.oid, /^[0-9a-f]{40}$/);
});
await check('listFiles', async () => {
  const files = (await all(hf.listFiles({ ...options, repo, recursive: true }))).map(f => f.path).sort();
  assert.deepEqual(files, ['.gitattributes', 'b2.bin', 'config.json', 'sub 目录', 'sub 目录/model.bin', 'tiny.bin']);
});
await check('pathsInfo', async () => {
  const infos = await hf.pathsInfo({ ...options, repo, paths: ['config.json', 'sub 目录/model.bin', 'missing'] });
  assert.deepEqual(infos.map(i => [i.path, i.size, i.lfs?.oid]),
    [['config.json', 7, undefined], ['sub 目录/model.bin', big.length, crypto.createHash('sha256').update(big).digest('hex')]]);
});
await check('fileExists', async () => {
  assert.equal(await hf.fileExists({ ...options, repo, path: 'config.json' }), true);
  assert.equal(await hf.fileExists({ ...options, repo, path: 'missing.json' }), false);
});
await check('fileDownloadInfo', async () => assert.equal((await hf.fileDownloadInfo({ ...options, repo, path: 'sub 目录/model.bin' })).size, big.length));
await check('downloadFile', async () => {
  const file = await hf.downloadFile({ ...options, repo, path: 'sub 目录/model.bin' });
  assert.ok(Buffer.from(await file.arrayBuffer()).equals(big));
});
await check('downloadFileToCacheDir', async () => {
  const file = await hf.downloadFileToCacheDir({ ...options, repo, path: 'config.json', cacheDir });
  assert.equal(fs.readFileSync(file, 'utf8'), '{"a":1}');
});
await check('snapshotDownload', async () => {
  const folder = await hf.snapshotDownload({ ...options, repo, cacheDir });
  assert.ok(fs.readFileSync(path.join(folder, 'sub 目录/model.bin')).equals(big));
  assert.ok(fs.readFileSync(path.join(folder, 'b2.bin')).equals(second));
});
await check('scanCacheDir', async () => assert.ok((await hf.scanCacheDir(cacheDir)).size >= second.length));
await check('modelInfo', async () => assert.equal((await hf.modelInfo({ ...options, name: 'tester/js' })).name, 'tester/js'));
await check('listModels', async () => assert.deepEqual((await all(hf.listModels({ ...options, search: { query: 'tester/' }, limit: 5 }))).map(m => m.name), ['tester/js']));
await check('listCommits', async () => assert.equal((await all(hf.listCommits({ ...options, repo }))).length, 3));
await check('commit (delete and add)', async () => {
  const operations = [{ operation: 'delete', path: 'config.json' }, { operation: 'addOrUpdate', path: 'n.txt', content: new Blob(['x']) }];
  assert.match((await hf.commit({ ...options, repo, title: 'c', useXet: false, operations })).commit.oid, /^[0-9a-f]{40}$/);
  assert.equal(await hf.fileExists({ ...options, repo, path: 'config.json' }), false);
});
await check('deleteFile', async () => {
  await hf.deleteFile({ ...options, repo, path: 'n.txt' });
  assert.equal(await hf.fileExists({ ...options, repo, path: 'n.txt' }), false);
});
await check('repoExists', async () => {
  assert.equal(await hf.repoExists({ ...options, repo }), true);
  assert.equal(await hf.repoExists({ ...options, repo: { type: 'model', name: 'tester/missing' } }), false);
});
await check('createBranch and deleteBranch', async () => {
  await hf.createBranch({ ...options, repo, branch: 'dev/x' });
  await assert.rejects(hf.createBranch({ ...options, repo, branch: 'dev/x' }), e => e.statusCode === 409 && /already exists/.test(e.message));
  await hf.createBranch({ ...options, repo, branch: 'dev/x', overwrite: true, empty: true });
  assert.equal(await hf.fileExists({ ...options, repo, path: 'tiny.bin', revision: 'dev/x' }), false);
  await hf.deleteBranch({ ...options, repo, branch: 'dev/x' });
  await assert.rejects(hf.deleteBranch({ ...options, repo, branch: 'dev/x' }), e => e.statusCode === 404);
  await assert.rejects(hf.deleteBranch({ ...options, repo, branch: 'main' }), e => e.statusCode === 403);
});
await check('countCommits', async () => assert.equal(await hf.countCommits({ ...options, repo }), 5));
await check('listFiles with the last commit of each', async () => {
  const files = await all(hf.listFiles({ ...options, repo, recursive: true, expand: true }));
  const titles = new Set(files.map(f => f.lastCommit.title));
  assert.ok(files.every(f => /^[0-9a-f]{40}$/.test(f.lastCommit.id)));
  assert.ok(titles.size > 1);
});
await check('a commit to a parent that the branch has left is refused', async () => {
  const [newest, before] = await all(hf.listCommits({ ...options, repo }));
  const operations = [{ operation: 'addOrUpdate', path: 'p.txt', content: new Blob(['x']) }];
  await assert.rejects(hf.commit({ ...options, repo, title: 'c', useXet: false, operations, parentCommit: before.oid }), e => e.statusCode === 412);
  await hf.commit({ ...options, repo, title: 'c', useXet: false, operations, parentCommit: newest.oid });
});
await check('a pull request leaves the branch alone', async () => {
  const operations = [{ operation: 'addOrUpdate', path: 'pr.txt', content: new Blob(['x']) }];
  const { pullRequestUrl } = await hf.commit({ ...options, repo, title: 'c', useXet: false, operations, isPullRequest: true });
  assert.match(pullRequestUrl, /\/tester\/js\/discussions\/1$/);
  assert.equal(await hf.fileExists({ ...options, repo, path: 'pr.txt' }), false);
  assert.equal(await hf.fileExists({ ...options, repo, path: 'pr.txt', revision: 'refs/pr/1' }), true);
});
await check('a file of a new kind is marked in .gitattributes', async () => {
  const content = new Blob([crypto.randomBytes(1 << 20)]);
  await hf.uploadFile({ ...options, repo, useXet: false, file: { path: 'new kind.dat', content } });
  assert.match(await (await hf.downloadFile({ ...options, repo, path: '.gitattributes' })).text(), /\nnew\[\[:space:\]\]kind\.dat filter=lfs /);
});
await check('datasets and spaces', async () => {
  for (const type of ['dataset', 'space']) {
    const other = { type, name: 'tester/js' };
    await hf.createRepo({ ...options, repo: other, sdk: type === 'space' ? 'static' : undefined });
    await hf.uploadFile({ ...options, repo: other, useXet: false, file: { path: 'a.txt', content: new Blob(['x']) } });
  }
  assert.deepEqual((await all(hf.listDatasets({ ...options, search: { owner: 'tester' } }))).map(d => d.name), ['tester/js']);
  assert.deepEqual((await all(hf.listSpaces({ ...options, search: { owner: 'tester' } }))).map(d => d.name), ['tester/js']);
  assert.equal((await hf.datasetInfo({ ...options, name: 'tester/js' })).name, 'tester/js');
  assert.equal((await hf.spaceInfo({ ...options, name: 'tester/js' })).sdk, 'static');
});
await check('a repo twice, and one of somebody else', async () => {
  await assert.rejects(hf.createRepo({ ...options, repo }), e => e.statusCode === 409 && /You already created this model repo/.test(e.message));
  await assert.rejects(hf.createRepo({ ...options, repo: { type: 'model', name: 'other/js' } }), e => e.statusCode === 403);
});
await check('checkRepoAccess', () => hf.checkRepoAccess({ ...options, repo }));
await check('wrong token refused', () => assert.rejects(hf.whoAmI({ ...options, accessToken: 'hf_wrong' }), e => e.statusCode === 401));
await check('deleteRepo', async () => {
  await hf.deleteRepo({ ...options, repo });
  assert.equal(await hf.repoExists({ ...options, repo }), false);
});
fs.rmSync(cacheDir, { recursive: true });
console.log(`${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
