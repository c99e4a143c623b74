// node make.mjs FOLDER: keyless signatures of FOLDER/statement.json, and the trust root for them, by Sigstore's own mocks of its
// certificate authority, logs and timestamp authority. Nothing is sent.
import mock from '@sigstore/mock';
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const payload = fs.readFileSync(path.join(folder, 'statement.json'));
const identity = 'https://example.com/acme/tiny/.github/workflows/sign.yml@refs/heads/main', issuer = 'https://login.example.com';
const payloadType = 'application/vnd.in-toto+json';
const sha256 = data => crypto.createHash('sha256').update(data).digest();
const pair = () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });

// The mocks make their certificates now, and this may take a while: what is signed is signed in five minutes. In whole seconds:
// the mock does not write fractions as DER wants them.
const start = new Date(Date.now() - 60_000), soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 300_000);
const after = seconds => new Date(soon.getTime() + seconds * 1000);
const keys = { authority: pair(), log: pair(), time: pair() };
const certificateLog = await mock.initializeCTLog(pair(), soon), strangeCertificateLog = await mock.initializeCTLog(pair(), soon);
const log = await mock.initializeTLog('https://rekor.example.com', keys.log, after(30));
const time = await mock.initializeTSA(keys.time, after(30));
const authority = await mock.initializeCA(keys.authority, certificateLog, soon);
const authorities = [authority, await mock.initializeCA(keys.authority, strangeCertificateLog, soon),
  await mock.initializeCA(keys.authority, undefined, soon)];

async function sign({ by = authority, clocks = {} } = {}) {
  const { publicKey, privateKey } = pair();
  const certificate = await by.issueCertificate({
    publicKey: publicKey.export({ format: 'der', type: 'spki' }), subjectAltName: identity,
    extensions: [
      { oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true }, { oid: '1.3.6.1.4.1.57264.1.8', value: issuer },
    ],
  });
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
  const signature = crypto.sign('sha256', pae, privateKey);
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n`
    + '-----END CERTIFICATE-----\n';
  // What Rekor makes of an envelope; the mock stores what it is given.
  const [entry] = Object.values(await (clocks.log ?? log).log({
    apiVersion: '0.0.1', kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: '0'.repeat(64) },
      payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
      signatures: [{ signature: signature.toString('base64'), verifier: Buffer.from(pem).toString('base64') }],
    },
  }));
  const timestamp = await (clocks.time ?? time).timestamp({
    artifactHash: sha256(signature), hashAlgorithmOID: '2.16.840.1.101.3.4.2.1', nonce: 1, policyOID: '1.3.6.1.4.1.57264.2',
    certReq: clocks.certificates ?? false,
  });
  const proof = entry.verification.inclusionProof;
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: certificate.toString('base64') },
      tlogEntries: [{
        logIndex: `${entry.logIndex}`, logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
        kindVersion: { kind: 'dsse', version: '0.0.1' }, integratedTime: `${entry.integratedTime}`,
        inclusionPromise: { signedEntryTimestamp: entry.verification.signedEntryTimestamp },
        inclusionProof: {
          logIndex: `${proof.logIndex}`, rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
          treeSize: `${proof.treeSize}`, hashes: proof.hashes, checkpoint: { envelope: proof.checkpoint },
        },
        canonicalizedBody: entry.body,
      }],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: timestamp.toString('base64') }] },
    },
    dsseEnvelope: {
      payload: payload.toString('base64'), payloadType, signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  };
}

const trustedLog = (key, id) => ({
  baseUrl: 'https://rekor.example.com', hashAlgorithm: HashAlgorithm.SHA2_256, logId: { keyId: id },
  publicKey: { rawBytes: key, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor: { start } },
});
const trustedAuthority = (uri, certificates) => ({
  subject: { commonName: 'sigstore', organization: 'sigstore.mock' }, uri,
  certChain: { certificates: certificates.map(rawBytes => ({ rawBytes })) }, validFor: { start },
});
const root = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [trustedLog(log.publicKey, sha256(log.publicKey))],
  ctlogs: [trustedLog(certificateLog.publicKey, certificateLog.logID)],
  certificateAuthorities: authorities.map(a => trustedAuthority('https://authority.example.com', [a.rootCertificate])),
  timestampAuthorities: [trustedAuthority('https://time.example.com', [time.intCertificate, time.rootCertificate])],
};

const late = {
  log: await mock.initializeTLog('https://rekor.example.com', keys.log, after(3600)),
  // The mock makes other certificates for the same key, which then come with the response.
  time: await mock.initializeTSA(keys.time, after(3600)),
  certificates: true,
};
const write = (name, json) => fs.writeFileSync(path.join(folder, name), JSON.stringify(json));
write('trusted_root.json', TrustedRoot.toJSON(root));
write('good.sig', await sign());
write('second.sig', await sign());
write('strange-certificate-log.sig', await sign({ by: authorities[1] }));
write('no-certificate-log.sig', await sign({ by: authorities[2] }));
write('late.sig', await sign({ clocks: late }));
