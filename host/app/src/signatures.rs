//! Signatures of components: Ed25519 over a message that says what it is for and names the component.
//!
//! A signature is one line of four words: [`PURPOSE`], the component's digest, the key's fingerprint, and the 64 bytes
//! in base64. What is signed is [`message`]; any program that makes Ed25519 signatures can make one.

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes,
};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use qudao_engine::Digest;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Says what a signature is for, so that it is good for nothing else.
pub const PURPOSE: &str = "qudao-plugin-v1";
/// The longest text that is read as a signature or a key, in bytes.
pub const MOST_BYTES: usize = 4 * 1024;

/// What is signed: the purpose, a line feed, and the component's digest in hex. No line feed at the end.
#[must_use]
pub fn message(digest: &Digest) -> Vec<u8> {
    format!("{PURPOSE}\n{digest}").into_bytes()
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// It is a private one where a public one is wanted.
    #[error(
        "this is a private key: make a new pair, for this one is a secret no longer, and give its public half (FILE.pub)"
    )]
    Private,
    /// It is nothing that can be read.
    #[error(
        "this is no Ed25519 key in PEM; `qudao plugin keygen FILE` makes a pair, the public half is FILE.pub"
    )]
    Unreadable,
    /// Anybody can make signatures that seem to be by it.
    #[error("this key is weak: signatures by it prove nothing; make a pair with `qudao plugin keygen FILE`")]
    Weak,
}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// From PEM (`-----BEGIN PUBLIC KEY-----`).
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn parse(pem: &str) -> Result<Self, NotAKey> {
        if pem.contains("PRIVATE KEY") {
            return Err(NotAKey::Private);
        }
        let pem = Some(pem.trim()).filter(|pem| pem.len() <= MOST_BYTES).ok_or(NotAKey::Unreadable)?;
        // Browsers send line breaks as CR LF.
        let pem = pem.replace("\r\n", "\n");
        let key = VerifyingKey::from_public_key_pem(&pem).map_err(|_| NotAKey::Unreadable)?;
        if key.is_weak() { Err(NotAKey::Weak) } else { Ok(Self(key)) }
    }

    /// From its 32 bytes.
    ///
    /// # Errors
    /// [`NotAKey::Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAKey> {
        VerifyingKey::try_from(bytes).map(Self).map_err(|_| NotAKey::Unreadable)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Its name for ever: SHA-256 of its 32 bytes, in hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// In PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        // Thirty-two bytes can always be written.
        self.0.to_public_key_pem(LineEnding::LF).unwrap_or_default()
    }
}

/// A private key; what it holds is wiped from memory when it is dropped, and never shown.
pub struct PrivateKey(SigningKey);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public().fingerprint())
    }
}

impl PrivateKey {
    /// Out of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// From PKCS#8 in PEM (`-----BEGIN PRIVATE KEY-----`).
    ///
    /// # Errors
    /// [`NotAKey::Unreadable`].
    pub fn parse(pem: &str) -> Result<Self, NotAKey> {
        SigningKey::from_pkcs8_pem(pem.trim()).map(Self).map_err(|_| NotAKey::Unreadable)
    }

    /// In PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        // Without the public half, which OpenSSL does not read there.
        let alone = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        alone.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).unwrap_or_default()
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs a component.
    #[must_use]
    pub fn sign(&self, digest: &Digest) -> SignatureLine {
        let signature = self.0.sign(&message(digest));
        SignatureLine { digest: *digest, fingerprint: self.public().fingerprint(), signature }
    }
}

/// The text is no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no signature; `qudao plugin sign FILE.wasm --key KEY` writes one to FILE.wasm.sig")]
pub struct NotASignature;

/// A signature as it is written: `qudao-plugin-v1 DIGEST KEY BASE64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// The component.
    pub digest: Digest,
    /// The key.
    pub fingerprint: String,
    signature: Signature,
}

impl SignatureLine {
    /// Reads the line; blanks around it do not matter.
    ///
    /// # Errors
    /// [`NotASignature`].
    pub fn parse(text: &str) -> Result<Self, NotASignature> {
        if text.len() > MOST_BYTES {
            return Err(NotASignature);
        }
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [PURPOSE, digest, fingerprint, signature] = words[..] else { return Err(NotASignature) };
        let fingerprint: Digest = fingerprint.parse().map_err(|_| NotASignature)?;
        let bytes = Base64::decode_vec(signature).map_err(|_| NotASignature)?;
        Ok(Self {
            digest: digest.parse().map_err(|_| NotASignature)?,
            fingerprint: fingerprint.to_string(),
            signature: Signature::from_slice(&bytes).map_err(|_| NotASignature)?,
        })
    }

    /// Out of what is kept.
    ///
    /// # Errors
    /// [`NotASignature`] when it is not 64 bytes.
    pub fn of(digest: Digest, fingerprint: &str, signature: &[u8]) -> Result<Self, NotASignature> {
        let signature = Signature::from_slice(signature).map_err(|_| NotASignature)?;
        Ok(Self { digest, fingerprint: fingerprint.to_owned(), signature })
    }

    /// The 64 bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 64] {
        self.signature.to_bytes()
    }

    /// Whether the key made it for this component. Strict: no weak key, no second spelling of a signature.
    #[must_use]
    pub fn is_by(&self, key: &PublicKey) -> bool {
        key.fingerprint() == self.fingerprint
            && key.0.verify_strict(&message(&self.digest), &self.signature).is_ok()
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { digest, fingerprint, .. } = self;
        write!(f, "{PURPOSE} {digest} {fingerprint} {}", Base64::encode_string(&self.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from_seed(&[seed; 32])
    }

    #[test]
    fn a_signature_is_good_for_its_component_and_its_key_alone() {
        let digest = Digest::of(b"a component");
        let line = key(1).sign(&digest);
        assert!(line.is_by(&key(1).public()));
        assert!(!line.is_by(&key(2).public()));
        let other = SignatureLine { digest: Digest::of(b"another"), ..line.clone() };
        assert!(!other.is_by(&key(1).public()));
        // Under another purpose, the same key and digest make another signature.
        let naked = key(1).0.sign(digest.to_string().as_bytes());
        assert!(!SignatureLine { signature: naked, ..line.clone() }.is_by(&key(1).public()));
        let mut bytes = line.bytes();
        bytes[40] ^= 1;
        let bent = SignatureLine::of(digest, &line.fingerprint, &bytes).unwrap();
        assert!(!bent.is_by(&key(1).public()));
    }

    #[test]
    fn keys_and_signatures_survive_being_written() {
        let digest = Digest::of(b"a component");
        let again = PrivateKey::parse(&key(7).pem()).unwrap();
        assert_eq!(PublicKey::parse(&again.public().pem()).unwrap(), key(7).public());
        assert_eq!(PublicKey::parse(&again.public().pem().replace('\n', "\r\n")).unwrap(), key(7).public());
        let line = again.sign(&digest);
        assert_eq!(SignatureLine::parse(&format!(" {line}\r\n")).unwrap(), line);
        assert!(!format!("{again:?}").contains(&hex::encode([7; 32])));
    }

    #[test]
    fn what_is_no_key_or_signature_says_so() {
        assert_eq!(PublicKey::parse(&key(1).pem()), Err(NotAKey::Private));
        assert_eq!(PublicKey::parse("ssh-ed25519 AAAA"), Err(NotAKey::Unreadable));
        assert_eq!(PublicKey::parse(&"x".repeat(MOST_BYTES + 1)), Err(NotAKey::Unreadable));
        // The neutral element: any message has a signature that seems to be by it.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let weak = VerifyingKey::from_bytes(&neutral).unwrap().to_public_key_pem(LineEnding::LF).unwrap();
        assert_eq!(PublicKey::parse(&weak), Err(NotAKey::Weak));
        let line = key(1).sign(&Digest::of(b"a component")).to_string();
        let words: Vec<&str> = line.split(' ').collect();
        for wrong in [
            String::new(),
            "words".into(),
            line.replace(PURPOSE, "qudao-plugin-v2"),
            format!("{line} more"),
            words[..3].join(" "),
            line[..line.len() - 4].to_owned(),
            line.replace(words[1], "digest"),
            line.replace(words[2], "key"),
        ] {
            assert_eq!(SignatureLine::parse(&wrong), Err(NotASignature), "{wrong}");
        }
    }

    /// Signatures are made elsewhere too: this one is by OpenSSL 3 (`openssl pkeyutl -sign -rawin`).
    #[test]
    fn a_signature_by_another_program_holds() {
        let key = PublicKey::parse(include_str!("../tests/openssl/key.pub")).unwrap();
        let line = SignatureLine::parse(include_str!("../tests/openssl/component.sig")).unwrap();
        assert_eq!(line.digest, Digest::of(b"a component"));
        assert!(line.is_by(&key));
    }
}
