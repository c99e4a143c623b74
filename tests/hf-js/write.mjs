// node write.mjs http://127.0.0.1:PORT: writes a repo for our client to read.
import { createRepo, uploadFiles } from '@huggingface/hub';

const options = { hubUrl: process.argv[2], accessToken: 'hf_test', repo: { type: 'model', name: 'tester/written' } };
await createRepo(options);
await uploadFiles({
  ...options, useXet: false,
  files: [
    { path: 'config.json', content: new Blob(['{"written":"by js"}']) },
    { path: 'a b/模型.bin', content: new Blob([new Uint8Array(2_000_000).fill(7)]) },
  ],
});
