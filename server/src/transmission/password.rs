//! The password of a packed file: easy to read out, and impossible to guess.

use ledger_core::clock::Entropy;
use zeroize::Zeroizing;

/// Small letters and digits without those that look or sound like another: i, l, o, 0, 1.
const SIGNS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Seven groups of four signs of 31: 138 bits.
const GROUPS: usize = 7;
const SIGNS_IN_A_GROUP: usize = 4;

/// A password. It is not printable; it is shown once, to whoever sends, and wiped from memory when it goes.
pub struct Password(Zeroizing<String>);

impl Password {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        // Long enough from the beginning, so that no half of it is left behind in memory by growing.
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * (SIGNS_IN_A_GROUP + 1)));
        let mut byte = Zeroizing::new([0_u8; 1]);
        let mut signs = 0;
        while signs < GROUPS * SIGNS_IN_A_GROUP {
            entropy.fill(&mut *byte);
            // Every sign is equally likely: bytes beyond the last whole multiple of 31 are thrown away.
            if byte[0] >= u8::MAX - u8::MAX % 31 {
                continue;
            }
            if signs > 0 && signs % SIGNS_IN_A_GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(SIGNS[usize::from(byte[0] % 31)]));
            signs += 1;
        }
        Self(text)
    }

    /// The password itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ledger_core::clock::SystemEntropy;

    use super::*;

    #[test]
    fn a_password_can_be_read_out_and_not_be_guessed() {
        let passwords: BTreeSet<String> = (0..200)
            .map(|_| Password::generate(&SystemEntropy).expose().to_owned())
            .collect();
        assert_eq!(passwords.len(), 200);
        for password in &passwords {
            let groups: Vec<&str> = password.split('-').collect();
            assert_eq!(groups.len(), GROUPS, "{password}");
            for group in groups {
                assert_eq!(group.len(), SIGNS_IN_A_GROUP, "{password}");
                assert!(
                    group.bytes().all(|sign| SIGNS.contains(&sign)),
                    "{password}"
                );
            }
        }
        let bits = f64::from(u32::try_from(GROUPS * SIGNS_IN_A_GROUP).unwrap()) * 31_f64.log2();
        assert!(bits >= 128.0, "{bits}");
    }
}
