//! The double-entry ledger in shared memory.
//!
//! Every movement changes both its sides in one transaction under one lock. Before the first word
//! changes, the old values stand in a journal, so that whoever finds the lock held by a dead thread
//! can undo the half of a movement; readers retry while a transaction is under way. So no observer
//! ever sees a sum other than `LedgerWords.totalMicroCredits`.

use crate::error::Error;
use crate::layout::{Layout, ledger_words as words};
use crate::sab::{SafeSab, load_u64, store_u64};
use crate::sync::{AtomicU32, Ordering};

/// The number of an open account.
pub type AccountIndex = u32;

/// Looks at a lock, or at a movement under way, after which the ledger is taken for damaged: some seconds. Its
/// holder may be a thread that the operating system has put aside, or one that died and whose host is busy.
const PATIENCE_LOOKS: u32 = if cfg!(feature = "watched") {
    1 << 10
} else {
    1 << 30
};

/// The ledger of a memory, as used by one holder (a thread or the host).
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'m> {
    sab: SafeSab<'m>,
    words: &'m [AtomicU32],
    holder: u32,
    patience: u32,
}

/// Changes that become visible together or not at all.
struct Transaction<'t, 'm> {
    ledger: &'t Ledger<'m>,
    legs: [(u32, u64); words::JOURNAL_LEGS as usize],
    count: usize,
}

impl Transaction<'_, '_> {
    fn read(&self, offset: u32) -> Result<u64, Error> {
        let staged = self.legs[..self.count].iter().find(|leg| leg.0 == offset);
        staged.map_or_else(
            || Ok(load_u64(self.ledger.sab.words(offset, 2)?)),
            |leg| Ok(leg.1),
        )
    }

    fn write(&mut self, offset: u32, value: u64) {
        if let Some(leg) = self.legs[..self.count]
            .iter_mut()
            .find(|leg| leg.0 == offset)
        {
            leg.1 = value;
        } else {
            self.legs[self.count] = (offset, value);
            self.count += 1;
        }
    }

    /// Moves `amount` between two balances. The caller has checked that `from` holds it.
    fn shift(&mut self, from: u32, to: u32, amount: u64) -> Result<(), Error> {
        let overflow = Error::BadLedger {
            problem: "a balance beyond what there is",
        };
        let debited = self.read(from)?.checked_sub(amount).ok_or(overflow)?;
        self.write(from, debited);
        let credited = self.read(to)?.checked_add(amount).ok_or(overflow)?;
        self.write(to, credited);
        Ok(())
    }
}

impl<'m> Ledger<'m> {
    /// The ledger of `sab`; `holder` (not 0) is the name under which this instance takes the lock.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the memory is too small.
    pub fn new(sab: SafeSab<'m>, holder: u32) -> Result<Self, Error> {
        let words = sab.words(Layout::LEDGER_OFFSET, Layout::LEDGER_BYTES / 4)?;
        Ok(Self {
            sab,
            words,
            holder,
            patience: PATIENCE_LOOKS,
        })
    }

    /// The same ledger, which gives up waiting for others after so many looks.
    #[must_use]
    pub fn with_patience(self, looks: u32) -> Self {
        Self {
            patience: looks,
            ..self
        }
    }

    fn lock(&self) -> Result<&'m AtomicU32, Error> {
        let lock = self.word(words::LOCK);
        for _ in 0..self.patience {
            let taken =
                lock.compare_exchange_weak(0, self.holder, Ordering::SeqCst, Ordering::SeqCst);
            if taken.is_ok() {
                return Ok(lock);
            }
            core::hint::spin_loop();
        }
        Err(Error::BadLedger {
            problem: "nobody gives its lock back",
        })
    }

    fn word(&self, index: u32) -> &'m AtomicU32 {
        &self.words[index as usize]
    }

    fn balance_offset(&self, account: AccountIndex, field: u32) -> Result<u32, Error> {
        if account
            >= self
                .word(words::ACCOUNTS)
                .load(Ordering::SeqCst)
                .min(Layout::MAXIMUM_ACCOUNTS)
        {
            return Err(Error::UnknownAccount { account });
        }
        let word = words::ENTRIES + account * words::ENTRY_WORDS + field;
        Ok(Layout::LEDGER_OFFSET + word * 4)
    }

    fn available_offset(&self, account: AccountIndex) -> Result<u32, Error> {
        self.balance_offset(account, words::ENTRY_AVAILABLE)
    }

    fn reserved_offset(&self, account: AccountIndex) -> Result<u32, Error> {
        self.balance_offset(account, words::ENTRY_RESERVED)
    }

    fn transact<T>(
        &self,
        stage: impl FnOnce(&mut Transaction<'_, 'm>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let lock = self.lock()?;
        let mut transaction = Transaction {
            ledger: self,
            legs: Default::default(),
            count: 0,
        };
        let staged = stage(&mut transaction);
        let legs = &transaction.legs[..transaction.count];
        let applied = if staged.is_ok() {
            self.apply(legs)
        } else {
            Ok(())
        };
        lock.store(0, Ordering::SeqCst);
        applied.and(staged)
    }

    fn apply(&self, legs: &[(u32, u64)]) -> Result<(), Error> {
        for (index, &(offset, _)) in legs.iter().enumerate() {
            let target = self.sab.words(offset, 2)?;
            let entry = (words::JOURNAL + index as u32 * words::JOURNAL_LEG_WORDS) as usize;
            self.words[entry].store(offset, Ordering::SeqCst);
            store_u64(&self.words[entry + 1..], load_u64(target));
        }
        self.word(words::JOURNAL_LENGTH)
            .store(legs.len() as u32, Ordering::SeqCst);
        self.word(words::SEQUENCE).fetch_add(1, Ordering::SeqCst);
        for &(offset, value) in legs {
            store_u64(self.sab.words(offset, 2)?, value);
        }
        self.word(words::SEQUENCE).fetch_add(1, Ordering::SeqCst);
        self.word(words::JOURNAL_LENGTH).store(0, Ordering::SeqCst);
        Ok(())
    }

    /// Undoes what `dead` left half done, if it died holding the lock. Says whether it did.
    ///
    pub fn recover(&self, dead: u32) -> bool {
        let lock = self.word(words::LOCK);
        if lock.load(Ordering::SeqCst) != dead {
            return false;
        }
        // While the sequence is even, readers see what there is: all of a transaction, or nothing of it.
        let half_done = self.word(words::SEQUENCE).load(Ordering::SeqCst) % 2 == 1;
        let noted = self
            .word(words::JOURNAL_LENGTH)
            .load(Ordering::SeqCst)
            .min(words::JOURNAL_LEGS);
        for index in 0..if half_done { noted } else { 0 } {
            let entry = (words::JOURNAL + index * words::JOURNAL_LEG_WORDS) as usize;
            let offset = self.words[entry].load(Ordering::SeqCst);
            // What is no balance and no reservation was written by nobody we know.
            if let Some(target) = self.journaled(offset) {
                store_u64(target, load_u64(&self.words[entry + 1..]));
            }
        }
        if half_done {
            self.word(words::SEQUENCE).fetch_add(1, Ordering::SeqCst);
        }
        self.word(words::JOURNAL_LENGTH).store(0, Ordering::SeqCst);
        lock.store(0, Ordering::SeqCst);
        true
    }

    /// The words that a leg of the journal may name: balances here, reservations in the arena.
    fn journaled(&self, offset: u32) -> Option<&'m [AtomicU32]> {
        let balances = Layout::LEDGER_OFFSET + words::ENTRIES * 4;
        let end = Layout::LEDGER_OFFSET + Layout::LEDGER_BYTES - 8;
        let is_known = (balances..=end).contains(&offset) || offset >= Layout::ARENA_OFFSET;
        is_known.then(|| self.sab.words(offset, 2).ok())?
    }

    /// Reads several words as they stood at one instant.
    fn snapshot<T>(&self, read: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let sequence = self.word(words::SEQUENCE);
        for _ in 0..self.patience {
            let before = sequence.load(Ordering::SeqCst);
            let value = read();
            if before.is_multiple_of(2) && sequence.load(Ordering::SeqCst) == before {
                return value;
            }
            core::hint::spin_loop();
        }
        Err(Error::BadLedger {
            problem: "a movement that never ends",
        })
    }

    /// What `account` may spend, in micro-credits.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub fn available(&self, account: AccountIndex) -> Result<u64, Error> {
        let offset = self.available_offset(account)?;
        self.snapshot(|| Ok(load_u64(self.sab.words(offset, 2)?)))
    }

    /// What is set aside for `account`'s unfinished jobs, in micro-credits.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub fn reserved(&self, account: AccountIndex) -> Result<u64, Error> {
        let offset = self.reserved_offset(account)?;
        self.snapshot(|| Ok(load_u64(self.sab.words(offset, 2)?)))
    }

    /// The sum over all accounts, reservations included: always `LedgerWords.totalMicroCredits`.
    ///
    /// # Errors
    /// [`Error::BadLedger`] if that is more than a number holds.
    pub fn total(&self) -> Result<u64, Error> {
        self.snapshot(|| {
            let accounts = self.word(words::ACCOUNTS).load(Ordering::SeqCst);
            let mut sum = 0_u64;
            for account in 0..accounts.min(Layout::MAXIMUM_ACCOUNTS) {
                let entry = (words::ENTRIES + account * words::ENTRY_WORDS) as usize;
                for field in [words::ENTRY_AVAILABLE, words::ENTRY_RESERVED] {
                    let balance = load_u64(&self.words[entry + field as usize..]);
                    sum = sum.checked_add(balance).ok_or(Error::BadLedger {
                        problem: "balances beyond what there is",
                    })?;
                }
            }
            Ok(sum)
        })
    }

    /// Opens an account with nothing in it.
    ///
    /// # Errors
    /// [`Error::TooManyAccounts`].
    pub fn open(&self) -> Result<AccountIndex, Error> {
        let accounts = self.word(words::ACCOUNTS);
        let opened = accounts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |open| {
            (open < Layout::MAXIMUM_ACCOUNTS).then(|| open + 1)
        });
        opened.map_err(|capacity| Error::TooManyAccounts { capacity })
    }

    /// Puts everything there will ever be into the treasury. For whoever makes the memory, once.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the memory is too small.
    pub fn found(&self) -> Result<(), Error> {
        self.word(words::ACCOUNTS).store(1, Ordering::SeqCst);
        let treasury = self.available_offset(words::TREASURY)?;
        store_u64(self.sab.words(treasury, 2)?, words::TOTAL_MICRO_CREDITS);
        Ok(())
    }

    fn require(
        transaction: &Transaction<'_, 'm>,
        account: AccountIndex,
        offset: u32,
        amount: u64,
    ) -> Result<(), Error> {
        let available = transaction.read(offset)?;
        if available < amount {
            return Err(Error::InsufficientCredits {
                account,
                available,
                amount,
            });
        }
        Ok(())
    }

    /// Moves `amount` micro-credits from one account to another.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`], [`Error::InsufficientCredits`]: then nothing has moved.
    pub fn transfer(&self, from: AccountIndex, to: AccountIndex, amount: u64) -> Result<(), Error> {
        let (debit, credit) = (self.available_offset(from)?, self.available_offset(to)?);
        self.transact(|transaction| {
            Self::require(transaction, from, debit, amount)?;
            transaction.shift(debit, credit, amount)
        })
    }

    /// Sets `amount` of `account` aside and writes it into the word pair at `reservation`.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`], [`Error::InsufficientCredits`]: then nothing has moved.
    pub fn reserve(
        &self,
        account: AccountIndex,
        amount: u64,
        reservation: u32,
    ) -> Result<(), Error> {
        let (debit, credit) = (
            self.available_offset(account)?,
            self.reserved_offset(account)?,
        );
        self.transact(|transaction| {
            Self::require(transaction, account, debit, amount)?;
            transaction.shift(debit, credit, amount)?;
            transaction.write(reservation, amount);
            Ok(())
        })
    }

    /// Ends the reservation at `reservation`: at most `charged` of it goes to `operator`, the rest
    /// back to `account`. Returns what was charged and what was refunded; a second call moves nothing.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub fn settle(
        &self,
        account: AccountIndex,
        operator: AccountIndex,
        reservation: u32,
        charged: u64,
    ) -> Result<(u64, u64), Error> {
        let (aside, back) = (
            self.reserved_offset(account)?,
            self.available_offset(account)?,
        );
        let earned = self.available_offset(operator)?;
        self.transact(|transaction| {
            // Never more than the account has set aside, whatever the reservation's words say.
            let reserved = transaction.read(reservation)?.min(transaction.read(aside)?);
            let charged = charged.min(reserved);
            transaction.shift(aside, earned, charged)?;
            transaction.shift(aside, back, reserved - charged)?;
            transaction.write(reservation, 0);
            Ok((charged, reserved - charged))
        })
    }
}
