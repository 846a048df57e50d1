"""Keys and trees that the tests of checkpoints, proofs and policies sign with."""

from ledger.log.checkpoints import Checkpoint, TrustedKeys
from ledger.log.merkle import root
from ledger.log.notes import SignatureType, SigningKey
from tests.unit.log.rfc6962_reference import LEAF_HASHES

ORIGIN = "ledger.example/320599"
TIME = 1_795_000_000
TREE = Checkpoint(ORIGIN, 8, root(LEAF_HASHES))

ED25519 = SigningKey(ORIGIN, SignatureType.ED25519, b"\1" * 32)
ML_DSA = SigningKey(ORIGIN, SignatureType.ML_DSA_44_COSIGNATURE, b"\2" * 32)
WITNESS = SigningKey("w1.example/witness", SignatureType.ED25519_COSIGNATURE, b"\3" * 32)
AUDITOR = SigningKey("auditor.example", SignatureType.ML_DSA_44_COSIGNATURE, b"\4" * 32)

LOG_KEYS = (ED25519.verifier_key(), ML_DSA.verifier_key())
COSIGNER_KEYS = (WITNESS.verifier_key(), AUDITOR.verifier_key())
TRUSTED = TrustedKeys(LOG_KEYS, COSIGNER_KEYS)
