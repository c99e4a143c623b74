// node read.mjs http://127.0.0.1:PORT owner/name COMMIT: prints path, size and sha256 of every file that Hugging Face's client sees and downloads.
import { downloadFile, listFiles } from '@huggingface/hub';
import crypto from 'node:crypto';

const [hubUrl, name, revision] = process.argv.slice(2);
const repo = { type: 'model', name };
for await (const file of listFiles({ hubUrl, accessToken: 'hf_test', repo, revision, recursive: true })) {
  if (file.type !== 'file') continue;
  const blob = await downloadFile({ hubUrl, accessToken: 'hf_test', repo, revision, path: file.path });
  const bytes = Buffer.from(await blob.arrayBuffer());
  const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
  if (file.size !== bytes.length || (file.lfs && file.lfs.oid !== sha256)) throw new Error(`${file.path}: the list and the content differ`);
  console.log(`${file.path} ${bytes.length} ${sha256}`);
}
