// node snapshot.mjs REPO REVISION CACHE_DIR HUB_URL: snapshotDownload of @huggingface/hub.
// The paths-info POST gets its one path appended to the address, because a static server cannot read bodies.
import { snapshotDownload } from '@huggingface/hub';

const [repo, revision, cacheDir, hubUrl] = process.argv.slice(2);
console.debug = () => {};

function fetchFromStaticServer(url, init) {
  url = String(url);
  if (init?.method === 'POST' && url.includes('/paths-info/')) url += '/' + JSON.parse(init.body).paths[0];
  return fetch(url, init);
}

console.log(await snapshotDownload({ repo, revision, cacheDir, hubUrl, fetch: fetchFromStaticServer }));
