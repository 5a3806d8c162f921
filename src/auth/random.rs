//! Randomness for keys, tokens and links.

/// 256 bits from the operating system.
pub(super) fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness once it has started");
    bytes
}
