//! ECDSA on P-521, which ring does not have and Java's TLS does: a client with such a key would be
//! told of no certificate at all, for it has nothing to sign with that the pod offers.

use std::sync::OnceLock;

use p521::ecdsa::signature::hazmat::PrehashVerifier;
use p521::ecdsa::{Signature, VerifyingKey};
use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// One digest under a signature by a key on the curve.
#[derive(Debug)]
struct P521 {
    digest: &'static Algorithm,
    signature: AlgorithmIdentifier,
}

/// What handshakes are signed with (RFC 8446, 4.2.3).
static WITH_SHA512: P521 = P521 { digest: &SHA512, signature: alg_id::ECDSA_SHA512 };
static WITH_SHA384: P521 = P521 { digest: &SHA384, signature: alg_id::ECDSA_SHA384 };
/// What `openssl x509` signs certificates with unless told otherwise.
static WITH_SHA256: P521 = P521 { digest: &SHA256, signature: alg_id::ECDSA_SHA256 };

/// Bytes of a number below the curve's order.
const WIDTH: usize = 66;

/// What ring verifies, and signatures on P-521.
pub(super) fn with_p521(of_ring: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    static OF_HANDSHAKES: [&dyn SignatureVerificationAlgorithm; 1] = [&WITH_SHA512];
    static EXTENDED: OnceLock<WebPkiSupportedAlgorithms> = OnceLock::new();
    *EXTENDED.get_or_init(|| {
        let mut all = of_ring.all.to_vec();
        all.extend([
            &WITH_SHA512 as &dyn SignatureVerificationAlgorithm,
            &WITH_SHA384,
            &WITH_SHA256,
        ]);
        let mut mapping = of_ring.mapping.to_vec();
        mapping.push((SignatureScheme::ECDSA_NISTP521_SHA512, &OF_HANDSHAKES));
        // rustls wants them for as long as the program runs: they are made once.
        WebPkiSupportedAlgorithms { all: all.leak(), mapping: mapping.leak() }
    })
}

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        let digest = digest(self.digest, message);
        // A number as wide as the curve's: the library takes no digest below half of that.
        let mut number = [0; WIDTH];
        number[WIDTH - digest.as_ref().len()..].copy_from_slice(digest.as_ref());
        key.verify_prehash(&number, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
