// node judge.mjs BUNDLE trusted_root.json IDENTITY ISSUER: Sigstore's own verifier on a keyless signature.
// node judge.mjs BUNDLE KEY.pem: the same on a signature with a key.
// Prints "ok", or the reason on the error output with exit code 1.
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import crypto from 'node:crypto';
import fs from 'node:fs';

const [bundleFile, trust, identity, issuer] = process.argv.slice(2);
const entity = toSignedEntity(bundleFromJSON(JSON.parse(fs.readFileSync(bundleFile, 'utf8'))));
if (identity === undefined) {
  const publicKey = crypto.createPublicKey(fs.readFileSync(trust, 'utf8'));
  const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  const material = toTrustMaterial(nobody, () => ({ publicKey, validFor: () => true }));
  new Verifier(material, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 }).verify(entity);
} else {
  const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(trust, 'utf8'))));
  new Verifier(material).verify(entity, { subjectAlternativeName: identity, extensions: { issuer } });
}
console.log('ok');
