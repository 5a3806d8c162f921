//! Chance for tests (xorshift), so that what they find is found again.

/// Pseudo-random and the same every time.
pub(in crate::scim) struct Dice(pub(in crate::scim) u64);

impl Dice {
    pub(in crate::scim) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    pub(in crate::scim) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.roll(of.len())]
    }
}
