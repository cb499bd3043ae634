//! What work costs, and whether a job may start.

use crate::credits::{AccountIndex, Ledger};
use crate::error::Error;
use crate::layout::{self, Layout, capsule_words as words};
use crate::sab::{SafeSab, load_u64};

/// The price of a method: `base + ceil(n × price / units)` micro-credits for `n` units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Micro-credits for starting at all.
    pub base: u64,
    /// Micro-credits for each `units` units of work.
    pub price: u64,
    /// How many units `price` buys; at least 1.
    pub units: u64,
}

impl Price {
    /// What `n` units cost, or `None` when that is more than a u64 holds.
    pub fn cost(&self, n: u64) -> Option<u64> {
        let variable = (u128::from(n) * u128::from(self.price)).div_ceil(u128::from(self.units));
        u64::try_from(variable).ok()?.checked_add(self.base)
    }

    /// The most units that `budget` micro-credits pay for; `None` when not even the base is covered.
    pub fn affordable(&self, budget: u64) -> Option<u64> {
        let variable = budget.checked_sub(self.base)?;
        if self.price == 0 {
            return Some(u64::MAX);
        }
        Some(multiply_divide(variable, self.units, self.price))
    }
}

/// `a × b ÷ divisor`, rounded down; `u64::MAX` when that is more than a u64 holds. 128 bits only where they are
/// needed: dividing those takes some hundred times as long.
pub(crate) fn multiply_divide(a: u64, b: u64, divisor: u64) -> u64 {
    if a.leading_zeros() + b.leading_zeros() >= u64::BITS {
        return a * b / divisor;
    }
    multiply_divide_widely(a, b, divisor)
}

#[cold]
fn multiply_divide_widely(a: u64, b: u64, divisor: u64) -> u64 {
    let quotient = u128::from(a) * u128::from(b) / u128::from(divisor);
    u64::try_from(quotient).unwrap_or(u64::MAX)
}

/// Why a job was refused before any work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The budget doesn't cover the least that the job costs.
    BudgetTooSmall {
        /// The job's budget, in micro-credits.
        budget: u64,
        /// The least it costs, in micro-credits.
        minimum: u64,
    },
    /// The account couldn't pay.
    Ledger(Error),
}

/// The economic check: reserves a job's credits, or refuses it.
#[derive(Clone, Copy, Debug)]
pub struct BudgetVerifier<'m> {
    sab: SafeSab<'m>,
    ledger: Ledger<'m>,
}

impl<'m> BudgetVerifier<'m> {
    /// A verifier over `ledger`, reading prices from the capsule table of `sab`.
    pub fn new(sab: SafeSab<'m>, ledger: Ledger<'m>) -> Self {
        Self { sab, ledger }
    }

    /// The price of `method` of capsule `capsule`, or `None` if it has no such method.
    pub fn price(&self, capsule: u32, method: u32) -> Option<Price> {
        if capsule >= Layout::MAXIMUM_CAPSULES {
            return None;
        }
        let entry = self
            .sab
            .words(layout::capsule_offset(capsule), words::STRIDE_BYTES / 4)
            .ok()?;
        let methods = entry[words::METHODS as usize].load(std::sync::atomic::Ordering::Acquire);
        if method >= methods.min(Layout::MAXIMUM_METHODS) {
            return None;
        }
        let start = (words::PRICES + method * words::PRICE_STRIDE_WORDS) as usize;
        let read = |field: u32| load_u64(&entry[start + field as usize..]);
        Some(Price {
            base: read(words::PRICE_BASE),
            price: read(words::PRICE_PRICE),
            units: read(words::PRICE_UNITS).max(1),
        })
    }

    /// Sets `budget` of `account` aside for the job whose reservation lies at `reservation`.
    ///
    /// # Errors
    /// A [`Refusal`]; then nothing was reserved.
    pub fn verify(
        &self,
        account: AccountIndex,
        budget: u64,
        minimum: u64,
        reservation: u32,
    ) -> Result<(), Refusal> {
        if budget < minimum {
            return Err(Refusal::BudgetTooSmall { budget, minimum });
        }
        self.ledger
            .reserve(account, budget, reservation)
            .map_err(Refusal::Ledger)
    }
}
